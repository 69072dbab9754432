import { describe, expect, it } from 'vitest'
import { textOfPage } from '../../src/race/answer-text.js'
import { SimulatedTime } from '../../src/race/simulated-time.js'
import { refusalBy, Wire } from '../../src/race/wire.js'

const SECRET = 'q'.repeat(64)

function wire(answer: () => Promise<Response>): Wire {
  const endpoint = 'http://nextcloud.invalid/apps/oidc/register'
  return new Wire({ fetch: answer, clock: new SimulatedTime(), registrationEndpoint: endpoint })
}

describe('what is kept of an answer', () => {
  it('is a short line, without anything that is as long as a secret', () => {
    expect(textOfPage(`<body><h2>Access  forbidden</h2><p>code ${SECRET}</p></body>`)).toBe(
      'Access forbidden code …',
    )
    expect(textOfPage('word '.repeat(200)).length).toBeLessThanOrEqual(160)
  })

  it.each([
    [
      { error: 'invalid_grant', error_description: 'Unknown.' },
      { error: 'invalid_grant', description: 'Unknown.' },
    ],
    [
      { ocs: { meta: { message: 'Current user is not logged in' } } },
      { description: 'Current user is not logged in' },
    ],
    [{ message: 'CORS requires basic auth' }, { description: 'CORS requires basic auth' }],
  ])('is what the JSON says: %j', async (json, told) => {
    const answer = await wire(() => Promise.resolve(Response.json(json, { status: 400 }))).send(
      'token',
      'http://x/',
    )
    expect(refusalBy(answer)).toEqual({ status: 400, ...told })
  })

  it('tells why there was none', async () => {
    const refused = new TypeError('fetch failed', {
      cause: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
    })
    const answer = await wire(() => Promise.reject(refused)).send('token', 'http://x/')
    expect(refusalBy(answer)).toEqual({ status: null, error: 'no answer (ECONNREFUSED)' })
    const slow = await wire(() => Promise.reject(new DOMException('', 'TimeoutError'))).send(
      'token',
      'http://x/',
    )
    expect(refusalBy(slow)).toEqual({ status: null, error: 'no answer in time' })
  })
})

describe('the timeline of a trial', () => {
  it('names no client and no query, counts registrations, and knows a refusal by its status', async () => {
    const line = wire(() => Promise.resolve(new Response('', { status: 401 })))
    await line.send('read-client', `http://nextcloud.invalid/apps/oidc/register/${SECRET}?token=${SECRET}`)
    await line.send('register', 'http://nextcloud.invalid/apps/oidc/register', { method: 'POST' })
    expect(line.entries).toMatchObject([
      { method: 'GET', path: '/apps/oidc/register/{client_id}', status: 401, succeeded: false },
      { method: 'POST', path: '/apps/oidc/register', status: 401, succeeded: false },
    ])
    expect(JSON.stringify(line.entries)).not.toContain('qqqq')
    expect(line).toMatchObject({ requests: 2, registrations: 1 })
  })
})
