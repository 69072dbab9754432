import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { CHECKS } from '../../src/catalogue/index.js'
import { KNOWN_DEVIATIONS } from '../../src/catalogue/deviations.js'
import { startEmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { reportSchema, type RunReport } from '../../src/report/model.js'
import { runCli, withFolder } from './support/cli.js'
import { textsBelow } from './support/files.js'

const TIMEOUT_MS = 420_000

async function readReport(folder: string): Promise<RunReport> {
  return reportSchema.parse(JSON.parse(await readFile(join(folder, 'report.json'), 'utf8')))
}

const verdicts = (report: RunReport): Record<string, string> =>
  Object.fromEntries(report.results.map((result) => [`${result.check} [${result.mode}]`, result.verdict]))

const red = (report: RunReport): string[] =>
  report.results
    .filter(({ verdict }) => verdict === 'failed' || verdict === 'warning')
    .map(({ check }) => check)

/** A deviation at 2025-06-18 only: later either document is enough. */
const OF_OLD_REVISION = 'discovery.rfc8414-document'

describe('a default run', () => {
  test(
    'judges both servers with tokens from the browser and conforms',
    () =>
      withFolder(async (folder) => {
        const { code, stdout } = await runCli(['run', '--report-dir', folder])
        const report = await readReport(folder)
        expect(report.summary).toMatchObject({ failed: 0, warning: 0, 'not-testable': 0, error: 0 })
        expect(code).toBe(0)
        const deviating = report.results.filter(({ verdict }) => verdict === 'known-deviation')
        expect(deviating.map(({ check }) => check).toSorted()).toEqual(
          [
            ...new Set(
              KNOWN_DEVIATIONS.filter(
                ({ check, profiles }) => profiles.includes('oidc-2.0.9') && check !== OF_OLD_REVISION,
              ).map(({ check }) => check),
            ),
          ].toSorted(),
        )
        expect(
          report.tokens.map(({ user, format, mintedBy }) => `${user} ${format} ${mintedBy}`).toSorted(),
        ).toEqual(['alice jwt browser', 'alice opaque browser', 'bob jwt browser', 'bob opaque browser'])
        for (const token of report.tokens) {
          const pages = token.evidence.filter((item) => item.kind === 'screenshot').map(({ name }) => name)
          expect(pages.some((name) => name.endsWith('consent'))).toBe(true)
        }
        expect(report.targets.map(({ mode }) => mode).toSorted()).toEqual(['basic', 'oauth'])
        expect(stdout).toMatch(/\d+(\.\d+)? s\b/)
      }),
    TIMEOUT_MS,
  )
})

describe('a run with a mutant', () => {
  test(
    'turns exactly its check red and exits 1',
    () =>
      withFolder(async (folder) => {
        const args = ['run', '--mutant', 's-aud-unchecked', '--user-agent', 'http', '--report-dir', folder]
        const { code, stdout } = await runCli(args)
        const report = await readReport(folder)
        const link = CHECKS.flatMap(({ mutants }) => mutants).find(({ id }) => id === 's-aud-unchecked')
        expect([...new Set(red(report))].toSorted()).toEqual(
          ['rs.token.other-audience', ...(link?.alsoRed ?? [])].toSorted(),
        )
        expect(code).toBe(1)
        expect(stdout).toContain('rs.token.other-audience')
      }),
    TIMEOUT_MS,
  )
})

/** Known deviations that cannot be seen there: behind a consent page the app grants less than it falls back to. */
const UNSEEN_ATTACHED: Readonly<Record<string, string>> = { 'authz.scope.narrowing [nextcloud]': 'passed' }

describe('an attached Nextcloud', () => {
  test(
    'gets the same verdicts but for what needs control, and no secret of it reaches a report or the console',
    () =>
      withFolder(async (folder) => {
        // Any name is trusted by default, which one of the checks warns of.
        await using nextcloud = await startEmbeddedNextcloud({
          systemConfig: { trusted_domains: ['127.0.0.1'] },
        })
        const { alice, bob } = nextcloud.users
        const attached = join(folder, 'attached')
        const embedded = join(folder, 'embedded')
        const run = await runCli(
          ['run', '--nextcloud', nextcloud.baseUrl, '--user-agent', 'http', '--report-dir', attached],
          { NCMC_ALICE_PASSWORD: alice.password, NCMC_BOB_PASSWORD: bob.password },
        )
        const own = await runCli(['run', '--user-agent', 'http', '--report-dir', embedded])
        const report = await readReport(attached)
        const reference = await readReport(embedded)
        expect(own.code, own.stdout + own.stderr).toBe(0)
        expect(Object.keys(verdicts(report))).toEqual(Object.keys(verdicts(reference)))
        for (const result of report.results) {
          const cell = `${result.check} [${result.mode}]`
          if (result.verdict === 'not-testable') expect(result.message, cell).toMatch(/needs/)
          else
            expect(result.verdict, `${cell}: ${result.message}`).toBe(
              UNSEEN_ATTACHED[cell] ?? verdicts(reference)[cell],
            )
        }
        expect(report.results.filter(({ verdict }) => verdict === 'not-testable').length).toBeLessThan(24)

        const { store } = nextcloud.context
        const secrets = [
          alice.password,
          bob.password,
          ...[...store.accessTokens.values()].map((row) => row.accessToken),
          ...[...store.clients.values()].map((row) => row.secret),
          ...[...store.sessions.keys()],
        ].filter((secret) => secret.length >= 8)
        expect(secrets.length).toBeGreaterThan(20)
        const texts = new Map(await textsBelow(folder))
        for (const [name, { stdout, stderr }] of Object.entries({ attached: run, embedded: own })) {
          texts.set(`${name} console`, stdout + stderr)
        }
        for (const [path, text] of texts) {
          for (const secret of secrets) {
            expect(text.includes(secret), `${path} holds a secret`).toBe(false)
            expect(text.includes(Buffer.from(secret).toString('base64')), `${path} holds a secret`).toBe(
              false,
            )
          }
        }
      }),
    TIMEOUT_MS,
  )
})
