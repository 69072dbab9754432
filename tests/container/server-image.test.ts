import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchImage, sweepServerContainers } from '../../src/launch-image.js'
import type { LaunchSpec } from '../../src/engine/handle.js'
import { connectMcp } from '../../src/mcp/client.js'
import { connectEngine } from '../../src/nextcloud/container/engine.js'
import { isOfARun, LABEL } from '../../src/nextcloud/container/owner.js'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { mintTokens } from '../../src/oauth/tokens.js'
import { ALL_SCOPES } from '../../src/servers/scopes.js'
import { packageFile } from '../../src/package-root.js'
import type { Mode } from '../../src/servers/server.js'
import { serverEnvironment, startStack, type Stack, type StackOptions } from '../../src/stack.js'
import { createUserAgent } from '../../src/user-agent/index.js'
import { runCli, startCli, withFolder } from '../stack/support/cli.js'
import {
  describeOnEngine,
  IMAGE,
  inventory,
  newSince,
  NOTHING,
  ourContainers,
  SERVER_IMAGE,
  type Inventory,
  WITHOUT_TEST_VARIABLES,
} from './support/engine.js'

const REVISION = '2025-11-25'
const SPEC = { kind: 'image', image: SERVER_IMAGE } as const
const BUILT = packageFile('dist/src/stack.js')
const CALLS = [
  '--check',
  'tools.notes.crud',
  '--check',
  'rs.prm.resource-identical',
  '--check',
  'parity.tool-set',
]

/** What the tools of a server say about the note that a server's user has just made. */
async function noteThrough(url: string, title: string, token?: string): Promise<string> {
  await using connection = await connectMcp(url, {
    revision: REVISION,
    fetch,
    ...(token === undefined ? {} : { token }),
  })
  await connection.callTool('nc_notes_create_note', { title, content: 'x', category: '' })
  return JSON.stringify(await connection.callTool('nc_notes_search_notes', { query: title }))
}

async function tokenOf({ nextcloud }: Stack, resource: string, tokenFormat: 'opaque' | 'jwt') {
  await using userAgent = await createUserAgent('http')
  const { tokens } = await mintTokens({
    issuer: nextcloud.baseUrl,
    user: nextcloud.users.bob,
    userAgent,
    resource,
    scope: ALL_SCOPES.join(' '),
    tokenFormat,
  })
  return tokens.access_token
}

describeOnEngine("a server's image", () => {
  let before: Inventory
  beforeAll(async () => {
    before = await inventory()
  })
  afterAll(async () => {
    expect(await newSince(before)).toEqual(NOTHING)
  })

  /** Where servers in containers must find their way to. */
  const places: Record<string, () => Promise<NonNullable<StackOptions['nextcloud']>>> = {
    'an embedded Nextcloud': () => Promise.resolve({ embedded: { administratorGrantsJwt: true } }),
    'a Nextcloud in a container': () => Promise.resolve({ container: { image: IMAGE } }),
    'an attached Nextcloud that trusts no name but its own': async () => {
      attached = await startEmbeddedNextcloud({
        administratorGrantsJwt: true,
        systemConfig: { trusted_domains: ['localhost'] },
      })
      return { attached: { url: attached.baseUrl, users: attached.users } }
    },
  }
  let attached: EmbeddedNextcloud | undefined

  describe.each(Object.keys(places))('beside %s', (place) => {
    let stack: Stack
    beforeAll(async () => {
      const nextcloud = await places[place]!()
      stack = await startStack({ nextcloud, targets: { basic: SPEC, oauth: SPEC }, startupTimeoutMs: 60_000 })
    })
    afterAll(async () => {
      await stack.stop()
      await attached?.stop()
      attached = undefined
      expect(await newSince(before)).toEqual(NOTHING)
    })

    it('serves tools in basic mode', async () => {
      expect(await noteThrough(stack.targets.basic!.url, 'note of basic mode')).toContain(
        'note of basic mode',
      )
    })

    it.each(['opaque', 'jwt'] as const)('serves tools to a real %s token in oauth mode', async (format) => {
      const { url } = stack.targets.oauth!
      const document = await fetch(url.replace('/mcp', '/.well-known/oauth-protected-resource/mcp'))
      expect(await document.json()).toMatchObject({
        resource: url,
        authorization_servers: [stack.nextcloud.baseUrl],
      })
      const token = await tokenOf(stack, url, format)
      expect(await noteThrough(url, `note with ${format}`, token)).toContain(`note with ${format}`)
      const refused = await fetch(url, { method: 'POST', headers: { Authorization: `Bearer ${token}x` } })
      expect(refused.status).toBe(401)
    })

    it('listens on 127.0.0.1 only, without secrets in names, labels and arguments', async () => {
      const engine = await connectEngine()
      const own = (await ourContainers(engine)).filter(({ Labels }) => Labels[LABEL] === 'mcp-server')
      const ports: string[] = []
      for (const { Id } of own) {
        const { Config, HostConfig, Name, NetworkSettings, Path, Args } = await engine
          .getContainer(Id)
          .inspect()
        const [binding] = NetworkSettings.Ports['8000/tcp'] ?? []
        expect(binding?.HostIp).toBe('127.0.0.1')
        ports.push(binding?.HostPort ?? '')
        const { Env: _, ...shown } = Config
        const text = JSON.stringify([shown, HostConfig, Name, Path, Args])
        for (const { password } of Object.values(stack.nextcloud.users)) expect(text).not.toContain(password)
      }
      const wanted = Object.values(stack.targets).map(({ url }) => new URL(url).port)
      expect(ports).toEqual(expect.arrayContaining(wanted))
    })
  })

  describe('started alone', () => {
    let nextcloud: EmbeddedNextcloud
    beforeAll(async () => {
      nextcloud = await startEmbeddedNextcloud({})
    })
    afterAll(() => nextcloud.stop())
    beforeEach(async () => {
      before = await inventory()
    })
    afterEach(async () => {
      expect(await newSince(before)).toEqual(NOTHING)
    })

    const launch = (
      mode: Mode,
      cwd: string,
      spec: Partial<Extract<LaunchSpec, { kind: 'image' }>> = {},
      options: { startupTimeoutMs?: number; signal?: AbortSignal; env?: object } = {},
    ) =>
      launchImage({
        spec: { ...SPEC, ...spec },
        mode,
        mutants: [],
        nextcloud,
        cwd,
        startupTimeoutMs: 60_000,
        ...options,
        env: { ...serverEnvironment(nextcloud, mode, cwd, []), ...spec.env, ...options.env },
      })

    it('tells its log and its end', () =>
      withFolder(async (folder) => {
        await using server = await launch('basic', folder)
        expect(server.logs().join('\n')).toContain('basic mode, ready')
        expect(server.hasExited()).toBe(false)
        const engine = await connectEngine()
        const own = await ourContainers(engine)
        const { port } = new URL(server.url)
        const { Id } = own.find(({ Ports }) => Ports.some(({ PublicPort }) => PublicPort === Number(port)))!
        await engine.getContainer(Id).kill()
        await expect.poll(() => server.hasExited()).toBe(true)
      }))

    it('gets variables, {port} and {mode}, its own port, path and readiness', () =>
      withFolder(async (folder) => {
        const env = { OWN: 'port {port}' }
        const spec = { port: 8123, readyPath: '/health', env, command: ['{mode}', '{port}'] }
        await using server = await launch('basic', folder, spec)
        const engine = await connectEngine()
        const { port } = new URL(server.url)
        const own = (await ourContainers(engine)).find(({ Ports }) =>
          Ports.some(({ PublicPort }) => PublicPort === Number(port)),
        )!
        const { Config } = await engine.getContainer(own.Id).inspect()
        expect(Config.Env).toEqual(
          expect.arrayContaining([
            `OWN=port ${port}`,
            'PORT=8123',
            'MODE=basic',
            `NEXTCLOUD_MCP_SERVER_URL=${new URL(server.url).origin}`,
          ]),
        )
        expect(Config.Cmd).toEqual(['basic', port])
        expect((await fetch(server.url, { method: 'POST' })).status).toBe(415)
      }))

    it('keeps its client from one container to the next, where it gets the same folder', () =>
      withFolder(async (folder) => {
        const env = { NEXTCLOUD_MCP_SERVER_URL: 'http://localhost:1' }
        await using first = await launch('oauth', folder, {}, { env })
        await first.stop()
        expect(first.logs().join('\n')).toContain('own client: seen by Nextcloud')
        expect(first.logs().join('\n')).not.toContain('could not be saved')
        await using second = await launch('oauth', folder, {}, { env })
        expect(second.logs().join('\n')).toContain('oauth mode, ready')
        expect(second.logs().join('\n')).not.toContain('own client: seen')
      }))

    it('that ends at once is an error with exit code and log', () =>
      withFolder(async (folder) => {
        const started = performance.now()
        const failed = launch('basic', folder, { env: { MODE: 'neither' } })
        await expect(failed).rejects.toMatchObject({
          code: 'NCMC_SERVER_START',
          message: expect.stringContaining('stopped with exit code 2 before it was ready'),
          details: { exitCode: 2, log: [expect.stringContaining('MODE must be basic or oauth')] },
        })
        // Testcontainers alone would wait ten seconds for its ports.
        expect(performance.now() - started).toBeLessThan(9_000)
      }))

    it('that is not ready in time is an error', () =>
      withFolder(async (folder) => {
        await expect(launch('basic', folder, {}, { startupTimeoutMs: 1 })).rejects.toMatchObject({
          code: 'NCMC_SERVER_START',
          message: expect.stringContaining('was not ready within 1 ms'),
        })
      }))

    it('that does not exist is an error with the way out', () =>
      withFolder(async (folder) => {
        await expect(launch('basic', folder, { image: 'localhost:9/ncmc-none:test' })).rejects.toMatchObject({
          code: 'NCMC_IMAGE_MISSING',
          message: expect.stringContaining('--server-image'),
        })
      }))

    it('leaves nothing when it is aborted, whenever that is', () =>
      withFolder(async (folder) => {
        const abort = new AbortController()
        const reason = new Error('enough')
        const failed = launch('basic', folder, {}, { signal: abort.signal }).catch((error: unknown) => error)
        await expect.poll(() => newSince(before).then(({ networks }) => networks)).not.toEqual([])
        abort.abort(reason)
        expect(await failed).toBe(reason)
        expect(await newSince(before)).toEqual(NOTHING)
        const atOnce = launch('basic', folder, {}, { signal: AbortSignal.abort(reason) })
        await expect(atOnce).rejects.toBe(reason)
      }))

    it('of a killed process is removed at the next start', async () => {
      expect(existsSync(BUILT), 'npm run build').toBe(true)
      const script = `
        const { startStack } = await import(${JSON.stringify(BUILT)})
        const stack = await startStack({ targets: { basic: ${JSON.stringify(SPEC)} }, startupTimeoutMs: 60000 })
        console.log(stack.targets.basic.url)
      `
      const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [output] = (await once(child.stdout, 'data')) as [Buffer]
      expect(String(output)).toMatch(/^http:/)
      child.kill('SIGKILL')
      await once(child, 'exit')
      expect((await newSince(before)).containers).toHaveLength(1)
      const stack = await startStack({ targets: { basic: SPEC }, startupTimeoutMs: 60_000 })
      const left = (await ourContainers(await connectEngine())).filter(
        ({ Labels }) => isOfARun(Labels) && Labels['nc-mcp-conformance.pid'] === String(child.pid),
      )
      expect(left).toEqual([])
      await stack.stop()
    })
  })

  it('is judged by a run, beside a Nextcloud in a container', () =>
    withFolder(async (folder) => {
      const args = ['run', '--nextcloud', 'container', '--nextcloud-image', IMAGE, '--user-agent', 'http']
      const image = ['--server-image', SERVER_IMAGE, '--startup-timeout-ms', '60000']
      const run = await runCli([...args, ...image, ...CALLS, '--report-dir', folder], WITHOUT_TEST_VARIABLES)
      expect(run.stdout + run.stderr).toContain('conforms')
      expect(run.code).toBe(0)
    }))

  it('may be a command instead, beside a Nextcloud in a container', () =>
    withFolder(async (folder) => {
      const args = ['run', '--nextcloud', 'container', '--nextcloud-image', IMAGE, '--user-agent', 'http']
      const serve = `'${process.execPath}' '${packageFile('dist/src/cli/bin.js')}' serve --mode {mode} --port {port}`
      const command = ['--server-command', serve, '--startup-timeout-ms', '60000']
      const run = await runCli(
        [...args, ...command, ...CALLS, '--report-dir', folder],
        WITHOUT_TEST_VARIABLES,
      )
      expect(run.stdout + run.stderr).toContain('conforms')
      expect(run.code).toBe(0)
    }))

  it.each(['SIGINT', 'SIGKILL'] as const)('leaves nothing of a run that ends by %s', (signal) =>
    withFolder(async (folder) => {
      const checks = ['--check', 'rs.cache.not-beyond-exp', '--check', 'registration.store.reload']
      const args = ['run', '--user-agent', 'http', '--server-image', SERVER_IMAGE, ...checks]
      const limits = ['--startup-timeout-ms', '60000', '--report-dir', folder]
      const cli = startCli([...args, ...limits], WITHOUT_TEST_VARIABLES)
      await cli.saw('running')
      // The servers of the run, and at least one of a check's own.
      await expect
        .poll(() => newSince(before).then(({ containers }) => containers.length), { timeout: 60_000 })
        .toBeGreaterThan(2)
      cli.child.kill(signal)
      await cli.ended
      if (signal === 'SIGKILL') {
        // Nobody was left to clean up, so the next start does it, once the last of its processes has gone.
        await expect
          .poll(() => sweepServerContainers().then(() => newSince(before)), { timeout: 30_000 })
          .toEqual(NOTHING)
      }
      expect(await newSince(before)).toEqual(NOTHING)
    }),
  )
})
