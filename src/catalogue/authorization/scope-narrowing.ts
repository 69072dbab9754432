import { decodeJwt } from 'jose'
import { defineCheck, judge, notTestable } from '../check.js'
import type { NextcloudUser } from '../../nextcloud/nextcloud.js'
import type { CheckContext, OAuthDriver, PendingCode } from '../context.js'
import { AuthorizationProbe, describe } from '../support/authorization-probe.js'
import { Findings } from '../support/findings.js'
import { readJsonObject } from '../support/json.js'
import { describeAnswer, redeemCode } from '../support/token-request.js'
import { askUserinfo } from '../support/userinfo.js'

const CEILING = ['openid', 'profile']

/** What a client is limited to at its registration holds whatever it asks for later. */
export const scopeNarrowing = defineCheck({
  id: 'authz.scope.narrowing',
  suite: 'authorization',
  title: 'A client gets no scope beyond those that it was registered with, whatever it asks for',
  level: 'MUST',
  source: [
    { document: 'RFC6749', clause: '3.3' },
    { document: 'RFC7591', clause: '2' },
    { document: 'project', clause: 'the scope of a registration limits its client' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-scope-not-narrowed', alsoNotTestable: ['tokens.response.scope-when-narrowed'] }],
  async run(ctx) {
    const { oauth, alice } = await instance(ctx)
    const granted = (pending: PendingCode): Promise<Granted> => grantedWords(ctx, oauth, pending)
    const probe = await AuthorizationProbe.open(ctx, oauth, alice, {
      scope: CEILING.join(' '),
      token_type: 'jwt',
    })
    if (typeof probe.client.scope !== 'string') {
      return notTestable('the registration response tells no scope, so the client may be limited to nothing')
    }
    const within = await granted(await probe.code({ scope: CEILING.join(' ') }))
    const missing = CEILING.filter((word) => !within.words.has(word))
    if (missing.length > 0) {
      return notTestable(
        `positive control: a scope that the client may have is not granted (${missing.join(' ')})`,
      )
    }
    const findings = new Findings()
    const beyond = await probe.send({ scope: 'openid profile email groups roles offline_access' })
    const observed: Record<string, unknown> = { within: within.said }
    const beyondCode = probe.pendingCode(beyond)
    if (beyondCode === undefined) {
      observed['beyond'] = describe(beyond)
    } else {
      const { words, said } = await granted(beyondCode)
      observed['beyond'] = said
      const added = [...words].filter((word) => !CEILING.includes(word))
      if (added.length > 0) {
        findings.add({
          id: 'scope-beyond-registration',
          message: `scopes that the client was not registered with are granted: ${added.sort().join(' ')}`,
          expected: CEILING.join(' '),
          observed: said,
        })
      }
    }
    const none = await probe.send({ scope: 'email' })
    const noneCode = probe.pendingCode(none)
    if (noneCode === undefined) {
      observed['nothing allowed'] = describe(none)
    } else {
      const { words, said } = await granted(noneCode)
      observed['nothing allowed'] = said
      if ([...words].some((word) => !CEILING.includes(word))) {
        findings.add({
          id: 'nothing-allowed-becomes-more',
          message:
            'a request of which nothing is allowed gets scopes that the client was not registered with',
          expected: `error=invalid_scope, or a part of ${CEILING.join(' ')}`,
          observed: said,
        })
      }
    }
    // Behind a consent page the app narrows once more, so that what it fell back to is not granted.
    const unjudged = none.pages.includes('consent') ? ['nothing-allowed-becomes-more'] : []
    return judge(findings.list(), observed, unjudged)
  },
})

/** A Nextcloud that asks for no consent, where there can be one. */
async function instance(
  ctx: CheckContext,
): Promise<{ readonly oauth: OAuthDriver; readonly alice: NextcloudUser }> {
  if (ctx.nextcloud.kind !== 'embedded') return { oauth: ctx.oauth, alice: ctx.users.alice }
  const { oauth, nextcloud } = await ctx.privateStack({ consent: false })
  return { oauth, alice: nextcloud.users.alice }
}

interface Granted {
  /** All words that anything said to be granted. */
  readonly words: ReadonlySet<string>
  /** Where it was said. */
  readonly said: Readonly<Record<string, unknown>>
}

/** The scope of the token for a code, as the token itself, its response, introspection and userinfo tell it. */
async function grantedWords(
  ctx: Pick<CheckContext, 'secret' | 'fetch'>,
  oauth: OAuthDriver,
  pending: PendingCode,
): Promise<Granted> {
  const answer = await redeemCode(ctx, oauth, pending)
  const { accessToken, members } = answer
  if (accessToken === undefined) return { words: new Set(), said: { tokenRequest: describeAnswer(answer) } }
  const userinfo = await askUserinfo(ctx, oauth, accessToken)
  const said: Record<string, unknown> = {
    response: members['scope'],
    jwt: scopeOfJwt(accessToken),
    introspection: await introspectedScope(ctx, pending, accessToken),
    userinfo: userinfo.members['scope'],
  }
  const words = Object.values(said).flatMap((scope) => (typeof scope === 'string' ? scope.split(' ') : []))
  if ('email' in userinfo.members) words.push('email')
  for (const word of ['groups', 'roles']) if (word in userinfo.members) words.push(word)
  return {
    words: new Set(words.filter((word) => word !== '')),
    said: { ...said, userinfoMembers: Object.keys(userinfo.members) },
  }
}

function scopeOfJwt(token: string): unknown {
  try {
    return decodeJwt(token)['scope']
  } catch {
    return undefined
  }
}

async function introspectedScope(
  ctx: Pick<CheckContext, 'fetch'>,
  { server, client }: PendingCode,
  token: string,
): Promise<unknown> {
  const endpoint = server.metadata.introspection_endpoint
  if (typeof endpoint !== 'string') return undefined
  const { client_id, client_secret } = client
  const response = await ctx.fetch(endpoint, {
    method: 'POST',
    body: new URLSearchParams({ token, client_id, client_secret }),
  })
  return (await readJsonObject(response))['scope']
}
