import { describe, expect, it } from 'vitest'
import { serverMetadataUrls } from '../../src/catalogue/support/authorization-server-metadata.js'
import { parseBearerChallenge } from '../../src/catalogue/support/challenge.js'

describe('where a client looks for the metadata of an issuer', () => {
  it.each([
    [
      'https://cloud.example',
      [
        'https://cloud.example/.well-known/oauth-authorization-server',
        'https://cloud.example/.well-known/openid-configuration',
      ],
    ],
    [
      'https://cloud.example/nextcloud/',
      [
        'https://cloud.example/.well-known/oauth-authorization-server/nextcloud',
        'https://cloud.example/.well-known/openid-configuration/nextcloud',
        'https://cloud.example/nextcloud/.well-known/openid-configuration',
      ],
    ],
  ])('%s', (issuer, urls) => {
    expect(serverMetadataUrls(issuer)).toEqual(urls)
  })
})

describe('a challenge', () => {
  it('tells which parameters are repeated', () => {
    const challenge = parseBearerChallenge('Bearer error="a", scope="x", Error="b", error=c')
    expect([challenge?.repeated, challenge?.parameters.get('error')?.value]).toEqual([['error'], 'a'])
  })
})
