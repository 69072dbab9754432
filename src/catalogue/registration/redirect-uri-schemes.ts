import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext } from '../context.js'
import { Findings } from '../support/findings.js'
import {
  bringsClient,
  describeRegistration,
  findRegistrationEndpoint,
  removeRegistered,
  requestRegistration,
  type RegistrationAnswer,
} from '../support/registration-request.js'

interface BadUri {
  readonly uri: string
  readonly id: string
  readonly message: string
  /** Sent to a Nextcloud that is not ours, too: a real one counts registrations. */
  readonly always?: boolean
}

const SCRIPT = { id: 'script-uri-registered', message: 'a redirect URI that runs a script is registered' }
const WILDCARD = { id: 'wildcard-registered', message: 'a redirect URI with a wildcard is registered' }

const BAD_URIS: readonly BadUri[] = [
  { uri: 'javascript:alert(1)', ...SCRIPT, always: true },
  { uri: 'data:text/html,hello', ...SCRIPT },
  {
    uri: 'http://evil.example/cb',
    id: 'plain-http-registered',
    message: 'a plain http redirect URI of another host is registered',
  },
  {
    uri: 'https://client.example/cb#fragment',
    id: 'fragment-registered',
    message: 'a redirect URI with a fragment is registered',
    always: true,
  },
  { uri: 'https://*.example/cb', ...WILDCARD },
  { uri: 'https://*/', ...WILDCARD },
  {
    uri: 'not a url',
    id: 'malformed-uri-registered',
    message: 'a redirect URI that is no URI is registered',
  },
]

const GOOD_URIS = [
  'http://127.0.0.1:9/cb',
  'http://localhost:9/cb',
  'https://client.example/cb',
  'com.example.client:/cb',
]

/** Whoever can register any URI can have codes sent anywhere, or script run at the person's click. */
export const redirectUriSchemes = defineCheck({
  id: 'registration.redirect-uri.schemes',
  suite: 'registration',
  title: 'Redirect URIs are registered if they are https, loopback or of a private-use scheme, and no others',
  level: 'MUST',
  source: [
    { document: 'RFC7591', clause: '5' },
    { document: 'RFC6749', clause: '3.1.2' },
    { document: 'RFC8252', clause: '7' },
    { document: 'MCP-Authorization', clause: 'Communication Security' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-reg-accepts-javascript-uri', profile: 'strict' }],
  async run(ctx) {
    const endpoint = await findRegistrationEndpoint(ctx.oauth)
    const answers: RegistrationAnswer[] = []
    const register = async (uris: readonly string[]): Promise<RegistrationAnswer> => {
      const answer = await requestRegistration(ctx, endpoint, {
        client_name: 'nc-mcp-conformance',
        application_type: 'native',
        redirect_uris: uris,
      })
      answers.push(answer)
      return answer
    }
    try {
      const findings = new Findings()
      const refused = await judgeGoodUris(findings, register)
      if (refused === GOOD_URIS.length) return notTestable('positive control: no redirect URI is registered')
      const shown: Record<string, string> = {}
      for (const { uri, id, message } of BAD_URIS.filter((each) => isPolite(ctx, each))) {
        const answer = await register([uri])
        shown[uri] = describeRegistration(answer)
        if (answer.status >= 500) {
          findings.add({ id: 'server-error', message: 'a bad redirect URI is a server error', observed: uri })
        } else if (bringsClient(answer)) {
          findings.add({ id, message, expected: 'a refusal', observed: uri })
        }
      }
      return judge(findings.list(), { accepted: GOOD_URIS, refused: shown })
    } finally {
      await removeRegistered(ctx, answers)
    }
  },
})

function isPolite({ nextcloud }: Pick<CheckContext, 'nextcloud'>, { always }: BadUri): boolean {
  return nextcloud.kind !== 'attached' || always === true
}

/** All at once; one by one only where that is refused. Returns how many are refused alone. */
async function judgeGoodUris(
  findings: Findings,
  register: (uris: readonly string[]) => Promise<RegistrationAnswer>,
): Promise<number> {
  if (bringsClient(await register(GOOD_URIS))) return 0
  let refused = 0
  for (const uri of GOOD_URIS) {
    const answer = await register([uri])
    if (bringsClient(answer)) continue
    refused += 1
    findings.add({
      id: 'good-uri-refused',
      message: 'a redirect URI that clients need is refused',
      observed: { [uri]: describeRegistration(answer) },
    })
  }
  return refused
}
