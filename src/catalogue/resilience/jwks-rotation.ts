import { defineCheck, judge } from '../check.js'
import { Findings } from '../support/findings.js'
import { createJwtForge } from '../support/jwt.js'
import { seenWithin } from '../support/seen-within.js'
import { presentToken, requireAccepted } from '../support/token-probe.js'

/** Widespread libraries do not fetch the keys again within 30 s of the last time, whatever they meet. */
const KEY_REFRESH_MS = 35_000

/** Nextcloud replaces its one signing key, at a command or after its certificate is renewed, without an overlap. */
export const jwksRotation = defineCheck({
  id: 'resilience.jwks.rotation',
  suite: 'resilience',
  title:
    'After a new signing key the new tokens are accepted without a restart, and those of the old key are not',
  level: 'MUST',
  source: [
    { document: 'OIDC-Core', clause: '10.1.1' },
    { document: 'RFC9068', clause: '4' },
    { document: 'project', clause: 'new keys are found by fetching the JWKS again' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-jwks-cached-forever' }],
  timeoutMs: 90_000,
  async run(ctx) {
    if (!ctx.tokenFormats.includes('jwt')) {
      return { kind: 'not-applicable', reason: 'the server is not meant to accept JWT access tokens' }
    }
    const stack = await ctx.privateStack()
    const { twin } = stack.nextcloud
    const target = await stack.launch('oauth')
    const forge = await createJwtForge(ctx, stack, target)
    /** Signed with the key that is in use now; no two are the same, so that none is known from before. */
    const sign = (jti: string): Promise<string> => {
      const { kid: _kid, ...header } = forge.real.header
      return forge.sign({ header, claims: { ...forge.real.claims, jti } })
    }
    await requireAccepted(ctx, target.url, await sign('old-1'), 'a token of the first key')
    const unseen = await sign('old-2')

    await twin.rotateSigningKey()
    const fresh = await sign('new-1')
    const startedMs = performance.now()
    const reception = await seenWithin(
      () => presentToken(ctx, target.url, fresh),
      (answer) => answer === 'accepted',
      KEY_REFRESH_MS,
    )
    const tookMs = Math.round(performance.now() - startedMs)

    const findings = new Findings()
    if (reception !== 'accepted') {
      findings.add({
        id: 'new-key-refused',
        message: 'tokens of a new signing key are refused as long as the server is not restarted',
        expected: `accepted within ${KEY_REFRESH_MS} ms`,
        observed: reception,
      })
      return judge(findings.list())
    }
    // By now the server has read the new list, where the old key is missing.
    const old = await presentToken(ctx, target.url, unseen)
    if (old === 'accepted') {
      findings.add({
        id: 'removed-key-honoured',
        message: 'a token of a key that is no longer published is accepted, though the new list was read',
        expected: 'refused',
        observed: old,
        // It may still be within the time for which the server keeps keys.
        level: 'SHOULD',
      })
    }
    return judge(findings.list(), { newKeyAcceptedAfterMs: tookMs, tokenOfTheOldKey: old })
  },
})
