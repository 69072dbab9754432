import { defineCheck, judge } from '../check.js'
import type { CheckContext } from '../context.js'
import { fetchDiscoveryDocument } from '../support/discovery-document.js'
import { Findings } from '../support/findings.js'
import { readJsonObject } from '../support/json.js'

interface Answer {
  readonly status: number
  readonly members: Readonly<Record<string, unknown>>
}

/** The smallest harmless request to an endpoint, and what only that endpoint answers. */
interface Touch {
  readonly method: 'GET' | 'POST'
  readonly expected: string
  isFitting(answer: Answer): boolean
}

const isRefusal = ({ status }: Answer): boolean => status >= 400 && status <= 403
/** A redirect or a page, be it one about an error: these are made for people. */
const isPage = ({ status }: Answer): boolean => status !== 405 && status >= 200 && status < 500

const TOUCHES: Readonly<Record<string, Touch>> = {
  jwks_uri: {
    method: 'GET',
    expected: '200 with a key set',
    isFitting: ({ status, members }) => status === 200 && Array.isArray(members['keys']),
  },
  token_endpoint: {
    method: 'POST',
    expected: '400 or 401 with a JSON error',
    isFitting: ({ status, members }) =>
      (status === 400 || status === 401) && typeof members['error'] === 'string',
  },
  userinfo_endpoint: { method: 'GET', expected: 'a refusal', isFitting: isRefusal },
  introspection_endpoint: { method: 'POST', expected: 'a refusal', isFitting: isRefusal },
  authorization_endpoint: { method: 'GET', expected: 'a redirect or a page', isFitting: isPage },
  end_session_endpoint: { method: 'GET', expected: 'a redirect or a page', isFitting: isPage },
  // A registration, even a bad one, counts against the rate limit of a real Nextcloud; a GET does not.
  registration_endpoint: { method: 'GET', expected: 'any answer but 404', isFitting: () => true },
}

/** An advertised address that leads nowhere is worse than none: clients have no other. */
export const endpointsLive = defineCheck({
  id: 'discovery.endpoints-live',
  suite: 'discovery',
  title: 'Every endpoint that the discovery document names is there and answers as that endpoint',
  level: 'MUST',
  source: [
    { document: 'project', clause: 'an advertised endpoint is the endpoint' },
    { document: 'OIDC-Discovery', clause: '3' },
  ],
  modes: ['nextcloud'],
  mutants: [
    {
      id: 'n-userinfo-url-wrong',
      // Tokens are looked up there, by these checks or by the server.
      alsoRed: [
        'tokens.lifetime.honest',
        'tokens.refresh.rotation',
        'rs.www-authenticate.scope',
        'rs.prm.bearer-methods',
        'resilience.start-while-down',
      ],
      // Servers ask userinfo about tokens.
      alsoNotTestable: '*',
    },
  ],
  async run(ctx) {
    const { members } = await fetchDiscoveryDocument(ctx, ctx.nextcloud.baseUrl)
    const findings = new Findings()
    const answers: Record<string, number> = {}
    for (const [name, touch] of Object.entries(TOUCHES)) {
      const url = members[name]
      // What is missing or no URL is judged by discovery.required-fields.
      if (typeof url !== 'string' || !URL.canParse(url)) continue
      const answer = await send(ctx, url, touch.method)
      answers[name] = answer.status
      const observed = { [name]: answer.status }
      if (answer.status === 404 || answer.status === 410) {
        findings.add({ id: 'endpoint-not-found', message: `${name} leads to nothing`, observed })
      } else if (answer.status >= 500) {
        findings.add({ id: 'endpoint-fails', message: `${name} answers with a server error`, observed })
      } else if (!touch.isFitting(answer)) {
        findings.add({
          id: 'endpoint-answers-otherwise',
          message: `${name} does not answer as this endpoint does`,
          expected: touch.expected,
          observed,
        })
      }
    }
    return judge(findings.list(), answers)
  },
})

async function send(ctx: Pick<CheckContext, 'fetch'>, url: string, method: Touch['method']): Promise<Answer> {
  const response = await ctx.fetch(url, {
    method,
    ...(method === 'POST' ? { body: new URLSearchParams() } : {}),
  })
  return { status: response.status, members: await readJsonObject(response) }
}
