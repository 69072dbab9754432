import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext, MintedTokens } from '../context.js'
import { tryAuthorize } from '../support/authorization-attempt.js'
import {
  isManageable,
  NOT_MANAGEABLE,
  requestConfiguration,
  type ManageableClient,
} from '../support/client-configuration.js'
import { describeAnswer, requestTokens } from '../support/token-request.js'
import { registerUsableClient } from '../support/usable-client.js'
import { askUserinfo, isAlive } from '../support/userinfo.js'

const SCOPE = 'openid profile email offline_access'

/** Whoever removes a client expects to be rid of everything that it could do. */
export const managementDelete = defineCheck({
  id: 'registration.management.delete',
  suite: 'registration',
  title: 'A client that deletes itself is gone, and its tokens with it',
  level: 'MUST',
  source: [{ document: 'RFC7592', clause: '2.3' }],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-mgmt-delete-keeps-tokens', alsoRed: ['tokens.revoked-are-dead'] }],
  async run(ctx) {
    const client = await registerUsableClient(ctx, ctx.oauth, {})
    if (!isManageable(client)) return NOT_MANAGEABLE
    const minted = await ctx.oauth.mint('alice', { client, scope: SCOPE, resource: null })
    const token = minted.tokens.access_token
    if (!isAlive(await askUserinfo(ctx, ctx.oauth, token))) {
      return notTestable('positive control: the token is refused before the deletion, too')
    }
    const isGoodAtApi = (await askApi(ctx, token)) === 200

    const deletion = await requestConfiguration(ctx, 'DELETE', client, client.registration_access_token)
    if (deletion.status !== 204) {
      return judge([
        {
          id: 'delete-not-204',
          message: 'a client cannot delete itself',
          expected: 204,
          observed: deletion.status,
        },
      ])
    }
    const findings = [
      ...(await judgeClient(ctx, client)),
      ...(await judgeAccessToken(ctx, token, isGoodAtApi)),
      ...(await judgeRefreshToken(ctx, minted)),
    ]
    return judge(findings, {
      deletion: deletion.status,
      refreshToken: minted.tokens.refresh_token !== undefined,
      api: isGoodAtApi ? 'looked at' : 'takes no bearer tokens',
    })
  },
})

async function judgeClient(ctx: CheckContext, client: ManageableClient): Promise<Finding[]> {
  const findings: Finding[] = []
  const read = await requestConfiguration(ctx, 'GET', client, client.registration_access_token)
  if (read.status !== 401) {
    findings.push({
      id: read.status === 200 ? 'still-readable' : 'read-not-401',
      message: 'reading a deleted client is not refused with 401',
      expected: 401,
      observed: read.status,
    })
  }
  if ((await tryAuthorize(ctx.oauth, 'alice', { client, resource: null })) !== undefined) {
    findings.push({ id: 'still-authorizes', message: 'a deleted client gets a code' })
  }
  return findings
}

/** RFC 7592 §2.3 makes the end of a client's tokens a SHOULD. */
async function judgeAccessToken(ctx: CheckContext, token: string, isGoodAtApi: boolean): Promise<Finding[]> {
  const findings: Finding[] = []
  if (isAlive(await askUserinfo(ctx, ctx.oauth, token))) {
    findings.push({
      id: 'token-alive-at-userinfo',
      level: 'SHOULD',
      message: 'userinfo accepts an access token of a deleted client',
    })
  }
  if (isGoodAtApi && (await askApi(ctx, token)) === 200) {
    findings.push({
      id: 'token-alive-at-api',
      level: 'SHOULD',
      message: 'the APIs accept an access token of a deleted client',
    })
  }
  return findings
}

async function judgeRefreshToken(ctx: CheckContext, { client, tokens }: MintedTokens): Promise<Finding[]> {
  if (tokens.refresh_token === undefined) return []
  const answer = await requestTokens(ctx, ctx.oauth, {
    grant_type: 'refresh_token',
    refresh_token: tokens.refresh_token,
    client_id: client.client_id,
    client_secret: client.client_secret,
  })
  if (answer.accessToken === undefined) return []
  return [
    {
      id: 'refresh-token-alive',
      message: 'the token endpoint refreshes tokens of a deleted client',
      expected: 'invalid_client',
      observed: describeAnswer(answer),
    },
  ]
}

/** Status of a request for the user's own data with a bearer token. */
async function askApi(ctx: Pick<CheckContext, 'fetch' | 'nextcloud'>, token: string): Promise<number> {
  const response = await ctx.fetch(`${ctx.nextcloud.baseUrl}/ocs/v2.php/cloud/user?format=json`, {
    headers: { authorization: `Bearer ${token}`, 'ocs-apirequest': 'true', accept: 'application/json' },
  })
  await response.text()
  return response.status
}
