import { describe, expect, it } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'
import { withRun } from './support/handle.js'

describe('the protocol suite', () => {
  itJudgesTheModelCitizen('protocol')
  itTurnsRed(
    (['basic', 'oauth'] as const).map((mode) => [
      'protocol.official.stateful',
      mode,
      's-initialize-result-invalid',
      [
        'official-server-initialize',
        'official-ping',
        'official-tools-list',
        'official-server-sse-multiple-streams',
        'official-resources-list',
        'official-prompts-list',
      ],
    ]),
  )

  itTurnsRed(
    (['basic', 'oauth'] as const).flatMap((mode) => [
      ['protocol.version-negotiation', mode, 's-echoes-any-version', ['unknown-version-echoed']],
      ['protocol.capabilities-honest', mode, 's-tools-undeclared', ['tools-not-declared']],
      ['protocol.session.lifecycle', mode, 's-terminated-session-lives', ['ended-session-lives']],
      ['protocol.notification-202', mode, 's-notification-gets-response', ['notification-answered']],
      ['protocol.jsonrpc-errors', mode, 's-error-loses-id', ['id-not-echoed']],
      ['protocol.batch-refused', mode, 's-batch-executed', ['batch-executed']],
    ]),
  )

  it('counts a scenario only with a verdict of its own', async () => {
    await withRun({ modes: ['oauth'] }, async ({ cell }) => {
      const { observed } = await cell('protocol.official.stateful', 'oauth')
      expect(observed).toMatchObject({ scenarios: { ping: { SUCCESS: expect.any(Number) as number } } })
    })
  })

  it('leaves out at revision 2025-06-18 what the suite does not have there', async () => {
    await withRun({ modes: ['basic'], revision: '2025-06-18' }, async ({ cell }) => {
      const { verdict, observed } = await cell('protocol.official.stateful', 'basic')
      expect(verdict).toBe('passed')
      expect(Object.keys((observed as { scenarios: object }).scenarios)).toEqual([
        'server-initialize',
        'ping',
        'tools-list',
        'resources-list',
        'prompts-list',
      ])
    })
  })
})
