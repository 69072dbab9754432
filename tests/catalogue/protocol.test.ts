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

  it('counts a scenario only with a verdict of its own', async () => {
    await withRun({ modes: ['oauth'] }, async ({ cell }) => {
      const { observed } = await cell('protocol.official.stateful', 'oauth')
      expect(observed).toMatchObject({ scenarios: { ping: { SUCCESS: expect.any(Number) as number } } })
    })
  })
})
