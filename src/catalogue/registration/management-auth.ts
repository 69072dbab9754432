import { randomBytes } from 'node:crypto'
import { defineCheck, judge, NotTestableError, notTestable } from '../check.js'
import type { CheckContext } from '../context.js'
import { removeClients } from '../support/client-lifetime.js'
import {
  isManageable,
  NOT_MANAGEABLE,
  requestConfiguration,
  type ManageableClient,
} from '../support/client-configuration.js'
import { Findings } from '../support/findings.js'
import { registerUsableClient } from '../support/usable-client.js'

const METHODS = ['GET', 'PUT', 'DELETE'] as const
type Method = (typeof METHODS)[number]

const REDIRECT_URI = 'http://127.0.0.1:9/managed'
const DONE: Readonly<Record<Method, { id: string; message: string }>> = {
  GET: { id: 'read-without-right', message: 'a registration is read without its registration access token' },
  PUT: {
    id: 'changed-without-right',
    message: 'a registration is changed without its registration access token',
  },
  DELETE: {
    id: 'deleted-without-right',
    message: 'a client is deleted without its registration access token',
  },
}

/** Wrong tokens count against our address on a Nextcloud that is not ours: there only what would do most harm. */
const POLITE = [
  'GET with no token',
  'PUT with the token of another client',
  'DELETE with the token of another client',
]

/** The registration access token is all that stands between a stranger and the client's secret. */
export const managementAuth = defineCheck({
  id: 'registration.management.auth',
  suite: 'registration',
  title: 'Without its own registration access token nobody reads, changes or deletes a client',
  level: 'MUST',
  source: [
    { document: 'RFC7592', clause: '2.1' },
    { document: 'RFC7592', clause: '2.2' },
    { document: 'RFC7592', clause: '2.3' },
    { document: 'RFC7592', clause: '5' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-mgmt-no-auth' }],
  async run(ctx) {
    const client = await registerUsableClient(ctx, ctx.oauth, { redirect_uris: [REDIRECT_URI] })
    const other = await registerUsableClient(ctx, ctx.oauth, {})
    try {
      if (!isManageable(client) || !isManageable(other)) return NOT_MANAGEABLE
      const { tokens } = await ctx.oauth.mint('alice', { client: other, resource: null })
      const unknown = randomBytes(32).toString('hex')
      ctx.secret('registration_access_token', unknown)
      const credentials = {
        'no token': undefined,
        'an unknown token': unknown,
        'the token of another client': other.registration_access_token,
        'an access token of a person': tokens.access_token,
      }
      const findings = new Findings()
      const shown: Record<string, number> = {}
      for (const [name, token] of Object.entries(credentials)) {
        for (const method of METHODS) {
          const attempt = `${method} with ${name}`
          if (ctx.nextcloud.kind === 'attached' && !POLITE.includes(attempt)) continue
          shown[attempt] = await judgeAttempt(ctx, findings, client, { method, attempt, token })
        }
      }
      const read = await requestConfiguration(ctx, 'GET', client, client.registration_access_token)
      if (read.status === 429) return notTestable('the configuration endpoint is rate limited at the moment')
      const isOwn = read.status === 200 && read.members['client_id'] === client.client_id
      if (!isOwn && findings.list().length === 0) {
        return notTestable(
          `positive control: the right token does not read its client (status ${read.status})`,
        )
      }
      if (isOwn && JSON.stringify(read.members['redirect_uris']) !== JSON.stringify([REDIRECT_URI])) {
        findings.add({
          id: 'client-changed',
          message: 'a request that was refused has changed the client',
          expected: [REDIRECT_URI],
          observed: read.members['redirect_uris'],
        })
      }
      return judge(findings.list(), shown)
    } finally {
      await removeClients(ctx, [client, other])
    }
  },
})

interface Attempt {
  readonly method: Method
  readonly attempt: string
  readonly token: string | undefined
}

/** @throws NotTestableError when the address of the toolkit is kept out. */
async function judgeAttempt(
  ctx: Pick<CheckContext, 'fetch'>,
  findings: Findings,
  client: ManageableClient,
  { method, attempt, token }: Attempt,
): Promise<number> {
  const metadata = {
    client_id: client.client_id,
    client_name: 'changed by a stranger',
    redirect_uris: ['http://127.0.0.1:9/stranger'],
  }
  const answer = await requestConfiguration(
    ctx,
    method,
    client,
    token,
    method === 'PUT' ? metadata : undefined,
  )
  const { status, text } = answer
  if (status === 429)
    throw new NotTestableError('wrong registration access tokens are rate limited at the moment')
  const observed = `${attempt}: ${status}`
  if (status >= 200 && status < 300) {
    findings.add({ ...DONE[method], expected: '401 or 403', observed })
  } else if (status !== 401 && status !== 403) {
    findings.add({
      id: 'other-refusal',
      message: 'a request without the right token is not refused with 401 or 403',
      expected: '401 or 403',
      observed,
    })
  }
  const hasData = [client.client_secret, client.registration_access_token, REDIRECT_URI].some((each) =>
    text.replaceAll(String.raw`\/`, '/').includes(each),
  )
  if (status >= 300 && hasData) {
    findings.add({ id: 'data-in-refusal', message: 'a refusal quotes data of the client', observed })
  }
  return status
}
