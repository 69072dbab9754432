import type { NextcloudTwin } from '../nextcloud.js'
import type { EmbeddedContext } from './context.js'
import { injectFault } from './faults.js'
import type { EmbeddedListener } from './listener.js'

/** The twin of an embedded Nextcloud: what only an instance in this process can do. */
export function createTwin(ctx: EmbeddedContext, listener: EmbeddedListener): NextcloudTwin {
  return {
    requests: () => [...ctx.requests],
    clearRequests: () => {
      ctx.requests.length = 0
    },
    inject: (fault) => injectFault(ctx, fault),
    signJwt: async ({ header, claims }) => {
      const key = await ctx.key
      // By hand, because a library would not put an alg into the header that it does not sign with.
      const signed = [{ alg: 'RS256', kid: key.kid, ...header }, claims].map(encode).join('.')
      const signature = await crypto.subtle.sign('RSASSA-PKCS1-v1_5', key.privateKey, Buffer.from(signed))
      return `${signed}.${Buffer.from(signature).toString('base64url')}`
    },
    publicJwk: async () => ({ ...(await ctx.key).publicJwk }),
    honourToken: (token, userId) => {
      ctx.store.honouredTokens.set(token, userId)
    },
    suspend: () => listener.close(),
    resume: () => listener.open(),
  }
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
