import { describe, expect, it } from 'vitest'
import { json, ORIGIN, TestCloud } from './oidc-support.js'

const strict = () => new TestCloud({ profile: 'strict' })

describe('metadata of the strict profile', () => {
  it('is there as authorization server metadata, too', async () => {
    const cloud = strict()
    const response = await cloud.sendBare('/.well-known/oauth-authorization-server')
    expect(response.status).toBe(200)
    expect(await json(response)).toEqual(
      await json(await cloud.sendBare('/.well-known/openid-configuration')),
    )
    const usual = await new TestCloud().sendBare('/.well-known/oauth-authorization-server')
    expect(usual.status).toBe(404)
  })

  it('announces what the endpoints do', async () => {
    const cloud = strict()
    await cloud.register({ scope: 'openid notes:read' })
    expect(await json(await cloud.sendBare('/.well-known/openid-configuration'))).toMatchObject({
      issuer: ORIGIN,
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic', 'none'],
      authorization_response_iss_parameter_supported: true,
      scopes_supported: expect.arrayContaining(['openid', 'offline_access', 'notes:read']) as unknown,
    })
  })
})
