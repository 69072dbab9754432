import { describe, expect, it, vi } from 'vitest'
import { SERVER_MUTANTS } from '../../src/servers/mutants.js'
import type { ServerMutant } from '../../src/servers/mutants.js'
import { startReferenceServer } from '../../src/servers/start.js'
import { TestSession } from './support/mcp-http.js'
import { fakeNextcloud } from './support/reference.js'

import { experiments } from './support/mutant-experiments.js'

/** Proven where their subject is tested. */
const PROVEN_ELSEWHERE: readonly ServerMutant[] = [
  's-hardcoded-userinfo-path',
  's-issuer-unchecked',
  's-store-0644',
  's-uses-expired-client',
  's-no-runtime-renewal',
  's-zero-means-expired',
  's-crash-on-corrupt-store',
  's-nonatomic-store-write',
  's-store-cross-issuer',
  's-dcr-despite-static',
  's-starts-without-client',
  's-no-application-type',
  's-discovery-poll-only',
  's-hot-poll-loop',
  's-endless-propagation-wait',
  's-double-register',
  's-always-reregister',
  's-no-wait-after-register',
  's-hs256-public-key',
  's-exp-unchecked',
  's-fallback-overrides-failure',
  's-signature-unverified',
  's-aud-unchecked',
  's-aud-prefix',
  's-aud-case-sensitive',
  's-expired-accepted',
  's-cache-fixed-ttl',
  's-binds-all-interfaces',
  's-login-name-in-paths',
  's-event-time-shifted',
  's-404-as-success',
  's-column-mismatch',
  's-binary-mangled',
  's-path-traversal',
  's-iss-unchecked',
  's-any-client-token',
  's-cache-ignores-revocation',
  's-cache-key-truncated',
  's-accepts-alg-none',
  's-follows-jku',
  's-accepts-id-token',
  's-session-sequential',
  's-shared-cookie-jar',
  's-trusts-user-header',
  's-token-in-log',
  's-host-unchecked',
  's-get-200-json',
  's-text-plain-executed',
  's-version-header-ignored',
  's-upstream-401-as-empty',
  's-echoes-any-version',
  's-tools-undeclared',
  's-terminated-session-lives',
  's-notification-gets-response',
  's-error-loses-id',
  's-batch-executed',
  's-blocks-event-loop',
  's-restart-rejects-tokens',
  's-start-traceback',
  's-unbounded-cache',
  's-descriptor-leak-per-session',
  's-429-hot-retry',
  's-negative-cache-outage',
  's-jwks-cached-forever',
  's-jwks-fetch-per-token',
  's-html-as-result',
]

describe('a mutant differs from the model citizen', () => {
  it.each(experiments)('%s', async (mutant, experiment, model, mutated) => {
    expect(await experiment(await fakeNextcloud(), [])).toEqual(model)
    expect(await experiment(await fakeNextcloud(), [mutant])).toEqual(mutated)
  })

  it('in a test for each one of them', () => {
    const proven = [...experiments.map(([mutant]) => mutant), ...PROVEN_ELSEWHERE]
    expect(proven.sort()).toEqual(Object.keys(SERVER_MUTANTS).sort())
  })
})

describe('a server that stopped by itself', () => {
  it('says so once, and can still be stopped', async () => {
    const nextcloud = await fakeNextcloud()
    const onExit = vi.fn()
    const server = await startReferenceServer({
      mode: 'basic',
      env: { NEXTCLOUD_HOST: nextcloud.url, NEXTCLOUD_USERNAME: 'alice', NEXTCLOUD_PASSWORD: 'wrong' },
      mutants: ['s-crash-on-401'],
      onExit,
    })
    const session = await TestSession.open(server.url)
    await session.call('nc_notes_get_note', { note_id: 1 }).catch(() => undefined)
    await server.stop()
    expect(onExit.mock.calls).toEqual([['died']])
    expect(server.logs().at(-1)).toContain('stops because')
  })
})
