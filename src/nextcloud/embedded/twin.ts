import type { NextcloudTwin } from '../nextcloud.js'
import type { EmbeddedContext } from './context.js'
import { rotateSigningKey } from './keys.js'
import type { EmbeddedListener } from './listener.js'

/** The twin of an embedded Nextcloud: what only an instance in this process can do. */
export function createTwin(ctx: EmbeddedContext, listener: EmbeddedListener): NextcloudTwin {
  return {
    requests: () => [...ctx.requests],
    clearRequests: () => {
      ctx.requests.length = 0
    },
    inject: (fault) => {
      const { id } = ctx.faults.inject(fault)
      return () => {
        ctx.faults.lift(id)
      }
    },
    signJwt: async ({ header, claims }) => {
      const key = await ctx.key
      // By hand, because a library would not put an alg into the header that it does not sign with.
      const signed = [{ alg: 'RS256', kid: key.kid, ...header }, claims].map(encode).join('.')
      const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', key.privateKey, Buffer.from(signed))
      return `${signed}.${Buffer.from(signature).toString('base64url')}`
    },
    publicJwk: async () => ({ ...(await ctx.key).publicJwk }),
    honourToken: (token, userId, scope) => {
      ctx.store.honouredTokens.set(token, { userId, ...(scope === undefined ? {} : { scope }) })
    },
    rotateSigningKey: ({ keepOld = false } = {}) => rotateSigningKey(ctx, keepOld),
    retireOldSigningKeys: () => {
      ctx.oldKeys = []
    },
    revokeTokensOf: (owner) => revokeTokensOf(ctx, owner),
    suspend: () => listener.close(),
    resume: () => listener.open(),
  }
}

function revokeTokensOf({ store, clock }: EmbeddedContext, userIdOrClientId: string): number {
  const clientRowId = store.clientByIdentifier(userIdOrClientId)?.id
  store.revokedAtSeconds.set(userIdOrClientId, clock.nowSeconds())
  let revoked = 0
  for (const row of store.accessTokens.values()) {
    if (row.userId !== userIdOrClientId && row.clientId !== clientRowId) continue
    store.deleteAccessToken(row)
    revoked += 1
  }
  for (const [token, { userId }] of store.honouredTokens) {
    if (userId === userIdOrClientId && store.honouredTokens.delete(token)) revoked += 1
  }
  return revoked
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
