import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { TokenFormat } from '../../src/catalogue/context.js'
import { startEmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { startReferenceServer } from '../../src/servers/start.js'
import type { Result } from '../../src/report/model.js'
import { startFormProxy } from './support/form-proxy.js'
import { withRun } from './support/handle.js'

const CHECKS = ['rs.token.tampered', 'rs.token.other-audience', 'tools.notes.missing', 'tools.list.schemas']

/** A server that takes no opaque token, whoever issued it. */
async function judgedWithout(opaque: boolean, tokenFormat: 'any' | TokenFormat): Promise<readonly Result[]> {
  await using nextcloud = await startEmbeddedNextcloud()
  await using proxy = await startFormProxy({
    authorization: (value) =>
      opaque && value.startsWith('Bearer ') && value.split('.').length !== 3 ? 'Bearer refused' : value,
  })
  const folder = await mkdtemp(join(tmpdir(), 'ncmc-format-'))
  await using server = await startReferenceServer({
    mode: 'oauth',
    env: {
      NEXTCLOUD_HOST: nextcloud.baseUrl,
      NEXTCLOUD_MCP_SERVER_URL: proxy.url,
      NEXTCLOUD_OIDC_CLIENT_STORAGE: join(folder, 'client.json'),
    },
  })
  proxy.forwardTo(server.url)
  const results: Result[] = []
  const attached = { url: nextcloud.baseUrl, users: nextcloud.users }
  const targets = { oauth: { kind: 'url', url: proxy.url } } as const
  await withRun({ attached, targets, tokenFormat }, async ({ cell }) => {
    for (const id of CHECKS) results.push(await cell(id, 'oauth'))
  })
  await rm(folder, { recursive: true, force: true })
  return results
}

const verdicts = (results: readonly Result[]) => results.map(({ check, verdict }) => [check, verdict])
const all = (verdict: string) => CHECKS.map((id) => [id, verdict])

it('judges a server that accepts JWTs only by JWTs, when it is told so', async () => {
  expect(verdicts(await judgedWithout(true, 'jwt'))).toEqual(all('passed'))
})

it('excuses nothing by itself: without the option the positive controls fail', async () => {
  expect(verdicts(await judgedWithout(true, 'any'))).toEqual(all('not-testable'))
})

it('judges a server that accepts both by either', async () => {
  expect(verdicts(await judgedWithout(false, 'jwt'))).toEqual(all('passed'))
  expect(verdicts(await judgedWithout(false, 'opaque'))).toEqual(all('passed'))
})
