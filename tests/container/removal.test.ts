import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { connectEngine } from '../../src/nextcloud/container/engine.js'
import { startContainerNextcloud } from '../../src/nextcloud/container/index.js'
import { isOfARun, LABEL } from '../../src/nextcloud/container/owner.js'
import { prune, sweepContainers } from '../../src/nextcloud/container/sweep.js'
import { packageFile } from '../../src/package-root.js'
import { describeOnEngine, IMAGE, inventory, ourContainers, type Inventory } from './support/engine.js'

const BUILT = packageFile('dist/src/nextcloud/container/index.js')

describeOnEngine('what a start leaves behind', () => {
  let before: Inventory
  beforeEach(async () => {
    before = await inventory()
  })
  afterEach(async () => {
    expect(await inventory()).toEqual(before)
  })

  it('nothing when a hook fails in the middle; the error says why', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ncmc-test-'))
    try {
      await mkdir(join(folder, 'another-name'))
      await writeFile(join(folder, 'another-name', 'file'), '')
      const archive = join(folder, 'app.tar.gz')
      execFileSync('tar', ['-czf', archive, '-C', folder, 'another-name'])
      const failed = startContainerNextcloud({ image: IMAGE, apps: [{ id: 'notes', archive }] })
      await expect(failed).rejects.toMatchObject({
        code: 'NCMC_CONTAINER_FAILED',
        message: expect.stringContaining('the archive of notes has no folder named notes'),
      })
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('nothing when verification fails; and no snapshot of it', async () => {
    const snapshots = async (): Promise<number> =>
      (await (await connectEngine()).listImages({ filters: { label: [`${LABEL}=snapshot`] } })).length
    const known = await snapshots()
    const failed = startContainerNextcloud({
      image: IMAGE,
      oidcConfig: { dynamic_client_registration: 'false' },
    })
    await expect(failed).rejects.toMatchObject({
      code: 'NCMC_NEXTCLOUD_UNSUITABLE',
      message: expect.stringContaining('discovery names the public issuer, registration and S256'),
    })
    expect(await snapshots()).toBe(known)
  })

  it.each(['starting', 'Nextcloud answers', 'verifying'])(
    'nothing when it is aborted at "%s"',
    async (when) => {
      const abort = new AbortController()
      const reason = new Error('enough')
      const failed = startContainerNextcloud({
        image: IMAGE,
        signal: abort.signal,
        stage: (text) => {
          if (text.startsWith(when)) abort.abort(reason)
        },
      })
      await expect(failed).rejects.toBe(reason)
    },
  )

  it('nothing when it is aborted while the container installs', async () => {
    const abort = new AbortController()
    const failed = startContainerNextcloud({ image: IMAGE, fresh: true, signal: abort.signal })
    const settled = failed.catch((error: unknown) => error)
    const engine = await connectEngine()
    await expect.poll(() => ourContainers(engine), { timeout: 30_000 }).not.toEqual([])
    abort.abort(new Error('enough'))
    expect(await settled).toMatchObject({ message: 'enough' })
  })

  it('nothing when the port is taken, and says so', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    try {
      await expect(startContainerNextcloud({ image: IMAGE, port })).rejects.toMatchObject({
        code: 'NCMC_PORT_IN_USE',
        message: expect.stringContaining(String(port)),
      })
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  })

  it('nothing when the image does not exist', async () => {
    const failed = startContainerNextcloud({ image: 'localhost:9/ncmc-no-such-image:test' })
    await expect(failed).rejects.toMatchObject({
      code: 'NCMC_IMAGE_MISSING',
      message: expect.stringContaining('--nextcloud embedded'),
    })
  })

  it('what a killed process left is removed at the next start, what a living one has is not', async () => {
    expect(existsSync(BUILT), 'npm run build').toBe(true)
    const script = `
      const { startContainerNextcloud } = await import(${JSON.stringify(BUILT)})
      const nextcloud = await startContainerNextcloud({ image: ${JSON.stringify(IMAGE)} })
      console.log(nextcloud.baseUrl)
      setInterval(() => {}, 1_000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, TESTCONTAINERS_RYUK_DISABLED: 'true' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [line] = (await once(child.stdout, 'data')) as [Buffer]
      const url = String(line).trim()
      expect(await sweepContainers()).toBe(0)
      expect((await prune()).inUse).toBe(1)
      expect((await fetch(`${url}/status.php`)).status).toBe(200)
      child.kill('SIGKILL')
      await once(child, 'exit')
      const engine = await connectEngine()
      expect(await ourContainers(engine)).toHaveLength(1)
      await using nextcloud = await startContainerNextcloud({ image: IMAGE })
      const left = await ourContainers(engine)
      expect(left.map(({ Labels }) => Labels['nc-mcp-conformance.pid'])).toEqual([String(process.pid)])
      expect(nextcloud.baseUrl).not.toBe('')
    } finally {
      child.kill('SIGKILL')
    }
  })

  it('prune removes ours and nothing else', async () => {
    const engine = await connectEngine()
    // Of others: a container and a network, and a container made from an image that has our label.
    const foreign = await engine.createContainer({
      Image: IMAGE,
      Entrypoint: ['sleep', '600'],
      Cmd: [],
      Labels: { 'org.example': 'foreign' },
    })
    const network = await engine.createNetwork({
      Name: 'ncmc-test-foreign',
      Labels: { 'org.example': 'foreign' },
    })
    const volume = await engine.createVolume({
      Name: 'ncmc-test-foreign',
      Labels: { 'org.example': 'foreign' },
    })
    const image = await foreign.commit({
      repo: 'ncmc-test-foreign',
      tag: 'test',
      changes: 'LABEL org.example=foreign',
    })
    // Ours, of a host that we know nothing of.
    const labels = {
      'nc-mcp-conformance': 'nextcloud',
      'nc-mcp-conformance.pid': '1',
      'nc-mcp-conformance.host': 'elsewhere',
      'nc-mcp-conformance.run': 'abc',
    }
    await engine.createContainer({ Image: IMAGE, Entrypoint: ['sleep', '600'], Cmd: [], Labels: labels })
    await engine.createNetwork({ Name: 'ncmc-test-ours', Labels: labels })
    await engine.createVolume({ Name: 'ncmc-test-ours', Labels: labels })
    try {
      await foreign.start()
      expect(await sweepContainers()).toBe(0)
      await prune()
      expect((await ourContainers(engine)).filter(({ Labels }) => isOfARun(Labels))).toEqual([])
      expect((await foreign.inspect()).State.Running).toBe(true)
      expect((await engine.listNetworks()).map(({ Name }) => Name)).toContain('ncmc-test-foreign')
      expect((await engine.listNetworks()).map(({ Name }) => Name)).not.toContain('ncmc-test-ours')
      const volumes = (await engine.listVolumes()).Volumes.map(({ Name }) => Name)
      expect(volumes).toContain('ncmc-test-foreign')
      expect(volumes).not.toContain('ncmc-test-ours')
      expect(await engine.getImage('ncmc-test-foreign:test').inspect()).toBeDefined()
    } finally {
      await foreign.remove({ force: true, v: true })
      await network.remove()
      await volume.remove()
      await engine.getImage((image as { Id: string }).Id).remove()
    }
  })
})
