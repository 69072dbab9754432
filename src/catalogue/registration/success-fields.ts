import type { RegisteredClient } from '../../oauth/registration.js'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { removeClients } from '../support/client-lifetime.js'
import { isJsonObject, readJsonObject } from '../support/json.js'

const METADATA = {
  client_name: 'nc-mcp-conformance',
  redirect_uris: ['http://127.0.0.1:9/callback'],
  grant_types: ['authorization_code'],
  response_types: ['code'],
  token_endpoint_auth_method: 'client_secret_post',
}

/** A client that is not told when its secret ends cannot renew it in time. */
export const successFields = defineCheck({
  id: 'registration.success-fields',
  suite: 'registration',
  title: 'A registration answers 201 with the client, the end of its secret, and all registered metadata',
  level: 'MUST',
  source: [{ document: 'RFC7591', clause: '3.2.1' }],
  modes: ['nextcloud'],
  // Our own client library refuses such an answer, so nothing else can register either.
  mutants: [{ id: 'n-reg-no-secret-expiry', alsoNotTestable: '*' }],
  async run(ctx) {
    const endpoint = (await ctx.oauth.discover()).metadata['registration_endpoint']
    if (typeof endpoint !== 'string') return notTestable('no registration_endpoint is advertised')
    const response = await ctx.fetch(endpoint, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify(METADATA),
    })
    const mediaType = response.headers.get('content-type') ?? 'none'
    const answer = await readJsonObject(response)
    if (response.status === 429) return notTestable('registrations are rate limited at the moment')
    const findings = [
      ...judgeEnvelope(response.status, mediaType, answer),
      ...judgeSecret(answer),
      ...judgeMetadata(answer),
    ]
    await removeClients(ctx, [answer as unknown as RegisteredClient])
    return judge(findings, { status: response.status, members: Object.keys(answer) })
  },
})

type Answer = Readonly<Record<string, unknown>>

function judgeEnvelope(status: number, mediaType: string, answer: Answer): Finding[] {
  const findings: Finding[] = []
  if (status !== 201) {
    findings.push({
      id: 'status-not-201',
      message: 'a registration is not answered with 201',
      expected: 201,
      observed: status,
    })
  }
  if (!/^application\/json\b/i.test(mediaType)) {
    findings.push({
      id: 'not-json',
      message: 'the answer is not application/json',
      expected: 'application/json',
      observed: mediaType,
    })
  }
  if (typeof answer['client_id'] !== 'string' || answer['client_id'] === '') {
    findings.push({ id: 'client-id-missing', message: 'the answer has no client_id' })
  }
  return findings
}

function judgeSecret(answer: Answer): Finding[] {
  if (answer['client_secret'] === undefined) return []
  const expiry = answer['client_secret_expires_at']
  if (typeof expiry === 'number' && Number.isInteger(expiry) && expiry >= 0) return []
  return [
    {
      id: 'secret-expiry-missing',
      message: 'a client_secret is issued without a usable client_secret_expires_at',
      expected: 'seconds since the epoch, or 0 for never',
      observed: expiry ?? 'absent',
    },
  ]
}

/** The server may replace what was asked for, but has to say what it registered. */
function judgeMetadata(answer: Answer): Finding[] {
  const missing = Object.keys(METADATA).filter((member) => answer[member] === undefined)
  const uris = answer['redirect_uris']
  const urisDiffer = uris !== undefined && JSON.stringify(uris) !== JSON.stringify(METADATA.redirect_uris)
  if (missing.length === 0 && !urisDiffer) return []
  return [
    {
      id: 'metadata-not-returned',
      message: 'the answer does not return all registered metadata',
      expected: METADATA,
      observed: urisDiffer ? { redirect_uris: isJsonObject(uris) ? 'an object' : uris } : { missing },
    },
  ]
}
