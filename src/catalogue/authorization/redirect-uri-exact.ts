import { defineCheck, judge, notTestable } from '../check.js'
import { AuthorizationProbe, describe } from '../support/authorization-probe.js'
import { Findings } from '../support/findings.js'

const REGISTERED = 'https://client.example/app/callback'
const LOOPBACK = 'http://127.0.0.1:9/callback'

/** What is nearly the registered URI, by the finding it makes. `.example` belongs to nobody, and nothing is sent there. */
const NEARLY: Readonly<Record<string, { readonly how: string; readonly uris: readonly string[] }>> = {
  'other-path-accepted': {
    how: 'a longer path',
    uris: [`${REGISTERED}/more`, `${REGISTERED}2`, `${REGISTERED}/../open`],
  },
  'query-accepted': { how: 'a query', uris: [`${REGISTERED}?next=1`] },
  'trailing-slash-accepted': { how: 'a trailing slash', uris: [`${REGISTERED}/`] },
  'other-port-accepted': { how: 'another port', uris: ['https://client.example:8443/app/callback'] },
  'path-case-accepted': {
    how: 'a path in other letter case',
    uris: ['https://client.example/App/Callback'],
  },
  'doubled-slash-accepted': { how: 'a doubled slash', uris: ['https://client.example//app/callback'] },
  'user-info-accepted': { how: 'user information', uris: ['https://other@client.example/app/callback'] },
  'other-host-accepted': {
    how: 'another host',
    uris: [
      'https://client.example@other.example/app/callback',
      'https://sub.client.example/app/callback',
      'https://client.example.other.example/app/callback',
    ],
  },
  'other-scheme-accepted': { how: 'another scheme', uris: ['http://client.example/app/callback'] },
  'other-loopback-path-accepted': {
    how: 'another path on the loopback interface',
    uris: ['http://127.0.0.1:9/callback/more', 'http://127.0.0.1:9/other'],
  },
}

/** Any freedom in the comparison is a way for a code to end up with somebody else. */
export const redirectUriExact = defineCheck({
  id: 'authz.redirect-uri.exact',
  suite: 'authorization',
  title: 'A redirect URI that is not the registered one in every character is refused',
  level: 'MUST',
  source: [
    { document: 'RFC9700', clause: '2.1' },
    { document: 'RFC9700', clause: '4.1.3' },
    { document: 'MCP-Authorization', clause: 'Open Redirection' },
    { document: 'RFC8252', clause: '7.3' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-redirect-prefix-match', profile: 'strict' }],
  async run(ctx) {
    const probe = await AuthorizationProbe.open(ctx, ctx.oauth, ctx.users.alice, {
      redirect_uris: [REGISTERED, LOOPBACK],
    })
    for (const redirect_uri of [REGISTERED, LOOPBACK]) {
      const control = await probe.send({ redirect_uri })
      if (!control.parameters.has('code') || control.sentTo?.href.startsWith(redirect_uri) !== true) {
        return notTestable(`positive control: a registered URI is not redirected to (${describe(control)})`)
      }
    }
    const findings = new Findings()
    const refused: string[] = []
    for (const [id, { how, uris }] of Object.entries(NEARLY)) {
      for (const redirect_uri of uris) {
        const answer = await probe.send({ redirect_uri })
        // A redirect to the URI that was registered harms nobody.
        const isHarmless =
          answer.sentTo === undefined ||
          [REGISTERED, LOOPBACK].some((uri) => isResponseAt(answer.sentTo?.href ?? '', uri))
        if (isHarmless) {
          refused.push(redirect_uri)
          continue
        }
        findings.add({
          id,
          message: `a redirect URI that differs from the registered one by ${how} is redirected to`,
          expected: 'a page that informs the person, and no redirect',
          observed: { redirect_uri, answer: describe(answer) },
        })
      }
    }
    // RFC 8252 has the port of loopback URIs free for native apps; registrations do not say what kind of app they are.
    const otherPort = await probe.send({ redirect_uri: 'http://127.0.0.1:10/callback' })
    return judge(findings.list(), { refused, otherLoopbackPort: describe(otherPort) })
  },
})

/** Whether the URL is the URI with a response in its query or fragment. */
function isResponseAt(url: string, uri: string): boolean {
  return /^(?:[?#](?:state|code|error|iss)=|$)/.test(url.startsWith(uri) ? url.slice(uri.length) : 'x')
}
