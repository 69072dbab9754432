import { createServer, type AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectEngine } from '../../src/nextcloud/container/engine.js'
import { startContainerNextcloud } from '../../src/nextcloud/container/index.js'
import type { ContainerOptions } from '../../src/nextcloud/container/options.js'
import { SNAPSHOT_REPOSITORY } from '../../src/nextcloud/container/snapshot.js'
import { prune } from '../../src/nextcloud/container/sweep.js'
import { describeOnEngine, IMAGE, inventory, type Inventory, newSince, NOTHING } from './support/engine.js'
import { discovery, whoAmI } from './support/requests.js'

async function snapshots(): Promise<string[]> {
  const images = await (await connectEngine()).listImages()
  return images
    .flatMap(({ RepoTags }) => RepoTags ?? [])
    .filter((name) => name.startsWith(SNAPSHOT_REPOSITORY))
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describeOnEngine('snapshots', () => {
  let before: Inventory
  beforeAll(async () => {
    await prune()
    before = await inventory()
  })
  afterAll(async () => {
    expect(await newSince(before)).toEqual(NOTHING)
  })
  // The options that this file's snapshots are of; nobody else's.
  const options: ContainerOptions = { image: IMAGE, oidcConfig: { expire_time: '901' } }

  it('makes none with fresh', async () => {
    await using nextcloud = await startContainerNextcloud({ ...options, fresh: true })
    expect(nextcloud.startedFrom).toBe('image')
    expect(await snapshots()).toEqual([])
  })

  it('starts from one the second time, faster, with other passwords and all settings', async () => {
    const firstStart = performance.now()
    const first = await startContainerNextcloud(options)
    const firstMs = performance.now() - firstStart
    expect(first.startedFrom).toBe('image')
    await first.occ.setSystemConfig('ncmc_after', 'the snapshot')
    await first.stop()
    expect(await snapshots()).toHaveLength(1)

    const secondStart = performance.now()
    await using second = await startContainerNextcloud(options)
    const secondMs = performance.now() - secondStart
    console.log(`first start ${Math.round(firstMs)} ms, second ${Math.round(secondMs)} ms`)
    expect(second.startedFrom).toBe('snapshot')
    expect(secondMs).toBeLessThan(firstMs)
    expect(second.users.alice.password).not.toBe(first.users.alice.password)
    for (const user of second.allUsers) expect(await whoAmI(second.baseUrl, user)).toBe(user.userId)
    expect(await whoAmI(second.baseUrl, first.users.alice)).toBe(401)
    expect(await second.occ.run(['config:app:get', 'oidc', 'expire_time'])).toContain('901')
    // What came after the set-up is not in it.
    await expect(second.occ.run(['config:system:get', 'ncmc_after'])).rejects.toThrow('config:system:get')
  })

  it('holds no secret and no run in its image', async () => {
    const engine = await connectEngine()
    const [name] = await snapshots()
    const { Config } = await engine.getImage(name!).inspect()
    expect(Config.Labels).toMatchObject({ 'nc-mcp-conformance': 'snapshot', 'nc-mcp-conformance.run': '' })
    expect(JSON.stringify(Config)).not.toMatch(/PASSWORD=/)
    const container = await engine.createContainer({
      Image: name!,
      Entrypoint: ['sh', '-c', 'ls /ncmc'],
      Cmd: [],
    })
    try {
      await container.start()
      await container.wait()
      const listed = String(await container.logs({ stdout: true, stderr: true }))
      expect(listed).toContain('html.tar')
      expect(listed).not.toContain('admin-password')
    } finally {
      await container.remove({ force: true, v: true })
    }
  })

  it('is another one for other options; behind a path prefix on a chosen port', async () => {
    const port = await freePort()
    const stages: string[] = []
    await using nextcloud = await startContainerNextcloud({
      ...options,
      consent: false,
      pathPrefix: 'cloud/',
      port,
      stage: (text) => stages.push(text),
    })
    expect(nextcloud.startedFrom).toBe('image')
    expect(nextcloud.baseUrl).toBe(`http://localhost:${port}/cloud`)
    const document = await discovery(nextcloud.baseUrl)
    expect(document['issuer']).toBe(nextcloud.baseUrl)
    expect(document['token_endpoint']).toMatch(new RegExp(`^${nextcloud.baseUrl}/`))
    expect(await whoAmI(nextcloud.baseUrl, nextcloud.users.bob)).toBe('bob')
    expect((await fetch(`http://localhost:${port}/status.php`)).status).toBe(404)
    expect(await snapshots()).toHaveLength(2)
  })

  it('is removed by prune', async () => {
    expect((await prune()).images).toBe(2)
    expect(await snapshots()).toEqual([])
    expect(await (await connectEngine()).getImage(IMAGE).inspect()).toBeDefined()
  })
})
