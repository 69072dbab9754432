import { http, HttpResponse } from 'msw'
import { expect, test } from 'vitest'
import { EvidenceRecorder } from '../../src/evidence/recorder.js'
import { Redactor } from '../../src/evidence/redactor.js'
import { network } from '../setup/network-guard.js'

const SECRET = 'tok_0123456789abcdef0123456789abcdef'

test('records request and answer without the secrets, and hands the caller the real ones', async () => {
  network.use(
    http.post('https://nextcloud.example/token', () =>
      HttpResponse.json({ access_token: SECRET, expires_in: 900 }),
    ),
  )
  const recorder = new EvidenceRecorder(new Redactor())
  const response = await recorder.fetch('https://nextcloud.example/token', {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'authorization_code', code: 'code_0123456789abcdef' }),
    headers: { authorization: `Bearer ${SECRET}` },
  })
  expect(await response.json()).toEqual({ access_token: SECRET, expires_in: 900 })
  const evidence = await recorder.evidence()
  expect(evidence).toHaveLength(1)
  expect(evidence[0]).toMatchObject({
    kind: 'exchange',
    number: 1,
    request: { method: 'POST', url: 'https://nextcloud.example/token' },
    response: { status: 200 },
  })
  const text = JSON.stringify(evidence)
  expect(text).toContain('grant_type=authorization_code')
  expect(text).toContain('expires_in')
  expect(text).not.toContain(SECRET)
  expect(text).not.toContain('code_0123456789abcdef')
})

test('does not follow redirects', async () => {
  network.use(
    http.get(
      'https://nextcloud.example/a',
      () => new HttpResponse(null, { status: 303, headers: { location: '/b' } }),
    ),
  )
  const response = await new EvidenceRecorder(new Redactor()).fetch('https://nextcloud.example/a')
  expect(response.status).toBe(303)
  expect(response.headers.get('location')).toBe('/b')
})

test('records a failed request with its cause', async () => {
  network.use(http.get('https://nextcloud.example/down', () => HttpResponse.error()))
  const recorder = new EvidenceRecorder(new Redactor())
  await expect(recorder.fetch('https://nextcloud.example/down')).rejects.toThrow()
  const [exchange] = await recorder.evidence()
  expect(exchange).toMatchObject({ kind: 'exchange', failure: expect.any(String) })
})

test('keeps the first and the last exchanges of a long cell and counts the others', async () => {
  network.use(http.get('https://nextcloud.example/n', () => HttpResponse.json({})))
  const recorder = new EvidenceRecorder(new Redactor())
  for (let n = 0; n < 70; n += 1) await recorder.fetch('https://nextcloud.example/n')
  const evidence = await recorder.evidence()
  expect(evidence.filter((item) => item.kind === 'exchange')).toHaveLength(60)
  expect(evidence[30]).toEqual({ kind: 'note', text: '10 more exchanges are not shown' })
  expect(evidence.at(-1)).toMatchObject({ number: 70 })
})

test('offers raw responses of one origin for leak scans', async () => {
  network.use(
    http.get('https://a.example/', () => HttpResponse.text(`leak ${SECRET}`)),
    http.get('https://b.example/', () => HttpResponse.text('other')),
  )
  const recorder = new EvidenceRecorder(new Redactor())
  await (await recorder.fetch('https://a.example/')).text()
  await (await recorder.fetch('https://b.example/')).text()
  const responses = recorder.responsesFrom('https://a.example')
  expect(responses).toHaveLength(1)
  expect(responses[0]?.text).toContain(SECRET)
})
