import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../src/catalogue/index.js'
import { startEmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import type { ServerMutant } from '../../src/servers/mutants.js'
import type { Mode } from '../../src/servers/server.js'
import { startReferenceServer } from '../../src/servers/start.js'
import type { Result } from '../../src/report/model.js'
import { startFormProxy, type ServerForm } from './support/form-proxy.js'
import { withRun } from './support/handle.js'
import { headForm, V13_FORM } from './support/server-forms.js'

type AllNotes = () => Promise<readonly Record<string, unknown>[]>
type FormOf = (allNotes: AllNotes) => ServerForm

const TOOLS_CHECKS = CHECKS.filter(({ suite }) => suite === 'tools')

/** Cells against the reference server behind a proxy, given by URL as somebody else's server would be. */
async function judged(
  formOf: FormOf,
  mode: Mode,
  checks: readonly string[],
  mutants: readonly ServerMutant[] = [],
): Promise<readonly Result[]> {
  await using nextcloud = await startEmbeddedNextcloud()
  const { baseUrl, users } = nextcloud
  const { userId, password } = users.alice
  await using proxy = await startFormProxy(
    formOf(async () => {
      const authorization = `Basic ${Buffer.from(`${userId}:${password}`).toString('base64')}`
      const response = await fetch(`${baseUrl}/index.php/apps/notes/api/v1/notes`, {
        headers: { authorization },
      })
      return (await response.json()) as Record<string, unknown>[]
    }),
  )
  const folder = await mkdtemp(join(tmpdir(), 'ncmc-forms-'))
  await using server = await startReferenceServer({
    mode,
    mutants,
    env: {
      NEXTCLOUD_HOST: baseUrl,
      NEXTCLOUD_MCP_SERVER_URL: proxy.url,
      ...(mode === 'basic'
        ? { NEXTCLOUD_USERNAME: userId, NEXTCLOUD_PASSWORD: password }
        : { NEXTCLOUD_OIDC_CLIENT_STORAGE: join(folder, 'client.json') }),
    },
  })
  proxy.forwardTo(server.url)
  const results: Result[] = []
  const target = { kind: 'url', url: proxy.url } as const
  await withRun({ attached: { url: baseUrl, users }, targets: { [mode]: target } }, async ({ cell }) => {
    for (const id of checks) results.push(await cell(id, mode))
  })
  await rm(folder, { recursive: true, force: true })
  return results
}

const UNKNOWN_TOOL = { 'tools.error.unknown-tool': ['unknown-tool-as-tool-error'] }
/** Each form with what is rightly found in it besides. */
const FORMS: readonly (readonly [string, FormOf, Readonly<Record<string, readonly string[]>>])[] = [
  ['October 2025', () => V13_FORM, { ...UNKNOWN_TOOL, 'tools.webdav.paths': ['internal-url-told'] }],
  ['August 2026', headForm, UNKNOWN_TOOL],
]

describe.each(FORMS)("the answers of the seed's server in the form of %s", (_name, formOf, found) => {
  it.each(['basic', 'oauth'] as const)(
    'get the verdicts of our own server (%s)',
    { timeout: 180_000 },
    async (mode) => {
      const ids = TOOLS_CHECKS.map(({ id }) => id)
      const results = await judged(formOf, mode, ids)
      const seen = results.map(({ check, verdict, findings }) => [
        check,
        verdict,
        findings.map(({ id }) => id),
      ])
      const expected = TOOLS_CHECKS.map(({ id, level }) => {
        const red = level === 'SHOULD' ? 'warning' : 'failed'
        return [id, found[id] === undefined ? 'passed' : red, found[id] ?? []]
      })
      expect(seen).toEqual(expected)
    },
  )
})

describe("the answers of the seed's server in the form of October 2025", () => {
  const mutants = TOOLS_CHECKS.flatMap(({ id, mutants: links }) =>
    links.map((link) => [link.id, id] as const),
  )
  it.each(mutants)('are red under %s, for %s', async (mutant, id) => {
    const [result] = await judged(() => V13_FORM, 'basic', [id], [mutant as ServerMutant])
    expect(['failed', 'warning'], result?.message).toContain(result?.verdict)
    // Some are red without the mutant too, for another reason.
    expect(result?.findings.map((finding) => finding.id)).not.toEqual(FORMS[0]?.[2][id])
  })
})
