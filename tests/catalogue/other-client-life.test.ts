import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { Verdict } from '../../src/report/model.js'
import { withRun } from './support/handle.js'

const SERVER = fileURLToPath(new URL('support/other-server.mjs', import.meta.url))

/** Checks of a server's own client, and the verdict on a server that goes other ways. */
const EXPECTED: Readonly<Record<string, Verdict>> = {
  'registration.store.mode-0600': 'passed',
  'registration.store.reload': 'passed',
  'registration.store.expired': 'passed',
  'registration.store.renew-while-running': 'passed',
  'registration.store.never-expires': 'passed',
  'registration.store.corrupt': 'passed',
  'registration.store.concurrent-start': 'passed',
  'registration.store.issuer-bound': 'passed',
  'registration.preconfigured-wins': 'passed',
  'registration.no-way-to-register': 'passed',
  'registration.application-type': 'passed',
  'race.mitigation.discovery-poll-is-no-evidence': 'passed',
  'race.mitigation.backoff': 'not-applicable',
  'race.mitigation.gives-up': 'passed',
}

describe('a server that keeps its client in another way', () => {
  it('is judged right', { timeout: 120_000 }, async () => {
    const command = `exec node '${SERVER}' {port}`
    await withRun(
      { modes: ['oauth'], targets: { oauth: { kind: 'command', command } } },
      async ({ cell }) => {
        const verdicts: Record<string, Verdict> = {}
        const messages: string[] = []
        for (const id of Object.keys(EXPECTED)) {
          const { verdict, message, findings } = await cell(id, 'oauth')
          verdicts[id] = verdict
          if (verdict !== EXPECTED[id]) messages.push(`${id}: ${message} ${JSON.stringify(findings)}`)
        }
        expect(verdicts, messages.join('\n')).toEqual(EXPECTED)
      },
    )
  })
})
