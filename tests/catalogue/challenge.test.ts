import { describe, expect, it } from 'vitest'
import { parseBearerChallenge } from '../../src/catalogue/support/challenge.js'

describe('parseBearerChallenge', () => {
  it('reads quoted and plain parameters of a Bearer challenge, whatever stands around it', () => {
    const header =
      'Basic realm="a, b", bearer resource_metadata="https://x.example/y", error=invalid_token, DPoP algs="ES256"'
    expect([...(parseBearerChallenge(header)?.parameters ?? [])]).toEqual([
      ['resource_metadata', { value: 'https://x.example/y', quoted: true }],
      ['error', { value: 'invalid_token', quoted: false }],
    ])
  })

  it('takes a challenge without parameters, and none where there is none', () => {
    expect(parseBearerChallenge('Bearer')?.parameters.size).toBe(0)
    expect(parseBearerChallenge('Basic realm="bearer"')).toBeUndefined()
    expect(parseBearerChallenge(null)).toBeUndefined()
  })

  it('undoes quoted-pairs and keeps the first of repeated parameters', () => {
    const parameters = parseBearerChallenge(String.raw`Bearer realm="a \"b\"", realm="c"`)?.parameters
    expect(parameters?.get('realm')).toEqual({ value: 'a "b"', quoted: true })
  })
})
