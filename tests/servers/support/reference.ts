import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { ServerMutant } from '../../../src/servers/mutants.js'
import type { RunningServer, ServerEnv } from '../../../src/servers/server.js'
import { startReferenceServer } from '../../../src/servers/start.js'
import { FakeNextcloud } from './fake-nextcloud.js'

/** A fake Nextcloud that ends with the test. */
export async function fakeNextcloud(): Promise<FakeNextcloud> {
  const nextcloud = await FakeNextcloud.start()
  onTestFinished(() => nextcloud.stop())
  return nextcloud
}

/** A folder that ends with the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ncmc-servers-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A basic-mode server of alice on the fake. */
export async function basicServer(
  nextcloud: FakeNextcloud,
  mutants: readonly ServerMutant[] = [],
  env: Partial<ServerEnv> = {},
): Promise<RunningServer> {
  const server = await startReferenceServer({
    mode: 'basic',
    env: {
      NEXTCLOUD_HOST: nextcloud.url,
      NEXTCLOUD_USERNAME: 'alice',
      NEXTCLOUD_PASSWORD: nextcloud.passwords.get('alice') ?? '',
      ...env,
    },
    mutants,
  })
  onTestFinished(() => server.stop())
  return server
}

/** An oauth-mode server on the fake, with a client file of its own unless given one. */
export async function oauthServer(
  nextcloud: FakeNextcloud,
  mutants: readonly ServerMutant[] = [],
  env: Partial<ServerEnv> = {},
): Promise<RunningServer> {
  const storage = env.NEXTCLOUD_OIDC_CLIENT_STORAGE ?? join(await temporaryFolder(), 'client.json')
  const server = await startReferenceServer({
    mode: 'oauth',
    env: { NEXTCLOUD_HOST: nextcloud.url, ...env, NEXTCLOUD_OIDC_CLIENT_STORAGE: storage },
    mutants,
  })
  onTestFinished(() => server.stop())
  return server
}
