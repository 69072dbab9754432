import { describe, expect, it } from 'vitest'
import { logLines } from '../../src/evidence/log-lines.js'
import { Redactor } from '../../src/evidence/redactor.js'

const OPAQUE = 'kR7vPq0sWm2xYt9LbN4cHd8fJg1aZe6u'

describe('log lines as evidence', () => {
  it('keep what explains a failure', () => {
    const lines = [
      '2026-11-25T05:40:28+00:00 GET /index.php/apps/oidc/authorize 303',
      '{"level":3,"app":"notes","message":"CORS requires basic auth","file":"/var/www/html/lib/private/AppFramework/CORS2.php"}',
    ]
    expect(logLines(lines, new Redactor())).toStrictEqual(lines)
  })

  it.each([
    ['a secret that the run knows', 'the password is correct horse'],
    ['a member by name', `{"client_secret":"${OPAQUE}"}`],
    ['a token nobody named', `could not find ${OPAQUE} in the table`],
    ['a token in quotes', `'${OPAQUE}'`],
    ['a token at the end of a query', `GET /x?state=${OPAQUE}`],
    ['base64 with padding', `Basic ${Buffer.from('someone:anything at all').toString('base64')}`],
  ])('hold no secret: %s', (_, line) => {
    const redactor = new Redactor()
    redactor.learn('password', 'correct horse')
    const [kept = ''] = logLines([line], redactor)
    expect(kept).toMatch(/\[[\w.-]+#[0-9a-f]{8}\]/)
    for (const secret of ['correct horse', OPAQUE, Buffer.from('someone:anything at all').toString('base64')])
      expect(kept).not.toContain(secret)
  })

  it('are the last ones, without colours and empty lines, and cut', () => {
    const lines = ['first', '', '\u001b[31mred\u001b[0m', '  ', 'x'.repeat(600)]
    expect(logLines(lines, new Redactor(), 2)).toStrictEqual(['red', `${'x'.repeat(500)}…`])
  })
})
