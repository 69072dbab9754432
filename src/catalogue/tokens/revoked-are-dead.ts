import { deleteClient } from '../../oauth/registration.js'
import { defineCheck, judge, NotTestableError, type Finding } from '../check.js'
import {
  TOKEN_FORMATS,
  type CheckContext,
  type MintedTokens,
  type OAuthDriver,
  type OwnNextcloud,
  type TokenFormat,
} from '../context.js'
import { Findings } from '../support/findings.js'
import { isJsonObject } from '../support/json.js'
import { refresh } from '../support/token-request.js'
import { askUserinfo, isAlive } from '../support/userinfo.js'

/** As an MCP client asks for tokens. */
const RESOURCE = 'https://mcp.example/mcp'
const SCOPE = 'openid profile offline_access'

const REVOCATIONS = ['consent revoked', 'client deleted'] as const
type Revocation = (typeof REVOCATIONS)[number]

/** What still takes a token. */
interface Life {
  readonly userinfo: boolean
  readonly api: boolean
}

/** Whoever takes a consent back, or removes a client, wants its tokens to end now and not when they would anyway. */
export const revokedAreDead = defineCheck({
  id: 'tokens.revoked-are-dead',
  suite: 'tokens',
  title: 'Tokens end with the consent and the client that they were issued for',
  level: 'MUST',
  source: [
    { document: 'RFC6750', clause: '3.1' },
    { document: 'RFC7592', clause: '2.3' },
    { document: 'project', clause: 'a revoked consent ends the tokens of its client at once' },
  ],
  modes: ['nextcloud'],
  needs: ['nextcloud-admin'],
  mutants: [{ id: 'n-revoked-still-valid' }],
  async run(ctx) {
    const own = await ctx.ownNextcloud()
    await own.nextcloud.admin.setAppConfig('oidc', 'allow_user_settings', 'enabled')
    const helper = await own.oauth.mint('alice', { format: 'opaque' })
    const findings = new Findings()
    const observed: Record<string, unknown> = {}
    for (const revocation of REVOCATIONS) {
      for (const format of TOKEN_FORMATS) {
        const minted = await mintLiving(ctx, own, format)
        await revoke(ctx, own, revocation, minted, helper.tokens.access_token)
        const life = await lifeOf(ctx, own, minted.tokens.access_token)
        const renewed = await isRenewable(ctx, own.oauth, minted)
        observed[`${revocation}, ${format}`] = { ...life, refresh: renewed }
        for (const finding of judgeLife(revocation, format, { ...life, refresh: renewed }))
          findings.add(finding)
      }
    }
    if (!(await lifeOf(ctx, own, helper.tokens.access_token)).userinfo) {
      throw new NotTestableError("positive control: the tokens of the user's other clients are dead, too")
    }
    return judge(findings.list(), observed)
  },
})

/** Tokens of a client of their own that work everywhere. */
async function mintLiving(ctx: CheckContext, own: OwnNextcloud, format: TokenFormat): Promise<MintedTokens> {
  const client = await own.oauth.register({ token_type: format })
  const minted = await own.oauth.mint('alice', { client, resource: RESOURCE, scope: SCOPE })
  const { userinfo, api } = await lifeOf(ctx, own, minted.tokens.access_token)
  if (!userinfo || !api) {
    throw new NotTestableError(
      `positive control: a fresh ${format} token is refused by ${userinfo ? "Nextcloud's APIs" : 'userinfo'}`,
    )
  }
  return minted
}

async function lifeOf(ctx: CheckContext, { nextcloud, oauth }: OwnNextcloud, token: string): Promise<Life> {
  const response = await ctx.fetch(`${nextcloud.baseUrl}/ocs/v2.php/cloud/user?format=json`, {
    headers: { authorization: `Bearer ${token}`, 'ocs-apirequest': 'true', accept: 'application/json' },
  })
  await response.body?.cancel()
  return { userinfo: isAlive(await askUserinfo(ctx, oauth, token)), api: response.status === 200 }
}

async function isRenewable(ctx: CheckContext, oauth: OAuthDriver, { client, tokens }: MintedTokens) {
  if (tokens.refresh_token === undefined) return false
  return (await refresh(ctx, oauth, client, tokens.refresh_token)).accessToken !== undefined
}

async function revoke(
  ctx: CheckContext,
  own: OwnNextcloud,
  revocation: Revocation,
  { client }: MintedTokens,
  helper: string,
): Promise<void> {
  if (revocation === 'client deleted') {
    if (client.registration_client_uri === undefined) {
      throw new NotTestableError('this Nextcloud does not let clients be deleted (RFC 7592)')
    }
    return deleteClient(client, { fetch: ctx.fetch })
  }
  await revokeConsent(ctx, own, client.client_id, helper)
}

/** Takes alice's consent back, as her personal settings do. */
async function revokeConsent(
  ctx: CheckContext,
  { nextcloud }: OwnNextcloud,
  clientId: string,
  token: string,
): Promise<void> {
  const url = `${nextcloud.baseUrl}/index.php/apps/oidc/api/consents`
  const headers = { authorization: `Bearer ${token}`, 'ocs-apirequest': 'true', accept: 'application/json' }
  const response = await ctx.fetch(url, { headers })
  const text = await response.text()
  const list: unknown = response.status === 200 ? JSON.parse(text) : undefined
  const consent: unknown = Array.isArray(list)
    ? list.find((entry) => isJsonObject(entry) && entry['clientIdentifier'] === clientId)
    : undefined
  if (!isJsonObject(consent)) {
    throw new NotTestableError(
      `the consent is not among those that can be revoked (status ${response.status})`,
    )
  }
  const revoked = await ctx.fetch(`${url}/${String(consent['id'])}`, { method: 'DELETE', headers })
  await revoked.body?.cancel()
  if (revoked.status !== 200) {
    throw new NotTestableError(`the consent cannot be revoked (status ${revoked.status})`)
  }
}

function judgeLife(
  revocation: Revocation,
  format: TokenFormat,
  alive: Life & { refresh: boolean },
): Finding[] {
  const places = {
    userinfo: ['userinfo-accepts-revoked', 'userinfo'],
    api: ['api-accepts-revoked', "Nextcloud's own API"],
    refresh: ['refresh-accepts-revoked', 'the token endpoint'],
  } as const
  return (['userinfo', 'api', 'refresh'] as const)
    .filter((place) => alive[place])
    .map((place) => ({
      id: places[place][0],
      message: `${places[place][1]} accepts a token after its consent or its client has ended`,
      expected: 'refused',
      observed: `${format}, ${revocation}`,
    }))
}
