import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext } from '../context.js'
import { removeClients } from '../support/client-lifetime.js'
import { Findings } from '../support/findings.js'
import { grantedScope, scopeWords } from '../support/granted-scope.js'
import { askForChallenge, findMetadata } from '../support/resource-metadata.js'

/** It asks for a refresh token, which is between the client and the authorization server. */
const REFRESH = 'offline_access'

/** What a client asks for when the challenge does not say: it must be there, and to be had. */
export const prmScopesSupported = defineCheck({
  id: 'rs.prm.scopes-supported',
  suite: 'resource-server',
  title:
    'The metadata lists the scopes of the server, which Nextcloud grants, and does not ask for refresh tokens',
  level: 'SHOULD',
  source: [
    { document: 'RFC9728', clause: '2' },
    { document: 'MCP-Authorization', clause: 'Scope Selection Strategy' },
    { document: 'project', clause: 'offline_access is left to clients, as MCP 2026-07-28 has it' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-prm-offline-access' }],
  async run(ctx) {
    const { url } = ctx.target('oauth')
    const document = await findMetadata(ctx, url)
    if (document === undefined) return notTestable('no protected resource metadata document is found')
    const listed = document.members['scopes_supported']
    if (!Array.isArray(listed) || listed.some((word) => typeof word !== 'string')) {
      return judge([
        {
          id: listed === undefined ? 'scopes-supported-missing' : 'scopes-supported-malformed',
          message: 'the metadata document does not list scopes_supported as an array of texts',
          observed: listed === undefined ? 'absent' : listed,
        },
      ])
    }
    const scopes = listed as string[]
    const findings = new Findings()
    const challenge = (await askForChallenge(ctx, url)).challenge?.parameters.get('scope')?.value ?? ''
    const places = { scopes_supported: scopes, challenge: scopeWords(challenge) }
    for (const [place, words] of Object.entries(places)) {
      if (!words.includes(REFRESH)) continue
      findings.add({
        id: 'offline-access-listed',
        message:
          'offline_access is announced as if the server needed it: clients then ask for refresh tokens',
        expected: 'left out',
        observed: place,
      })
    }
    const refused = await notGranted(ctx, scopes)
    if (refused.length > 0) {
      findings.add({
        id: 'scope-not-obtainable',
        message: 'a scope is listed that Nextcloud does not grant to a client that asks for it',
        expected: 'every listed scope is granted',
        observed: refused,
      })
    }
    return judge(findings.list(), { scopes_supported: scopes })
  },
})

/** Which of these scopes the authorization server neither lists nor grants, as far as it tells. */
async function notGranted(ctx: CheckContext, scopes: readonly string[]): Promise<readonly string[]> {
  const { metadata } = await ctx.oauth.discover()
  const known: unknown = metadata['scopes_supported']
  const unlisted = scopes.filter((word) => !(Array.isArray(known) && known.includes(word)))
  if (unlisted.length === 0) return []
  const minted = await ctx.oauth.mint('alice', { scope: [...new Set(['openid', ...scopes])].join(' ') })
  try {
    const granted = await grantedScope(ctx, minted)
    return granted === undefined ? unlisted : unlisted.filter((word) => !granted.includes(word))
  } finally {
    await removeClients(ctx, [minted.client])
  }
}
