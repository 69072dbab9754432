import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createTemporaryFolder } from '../../src/temporary-folder.js'
import { docker, must } from './support/docker.js'
import { describeOnEngine } from './support/engine.js'
import { discovery, whoAmI } from './support/requests.js'

const IMAGE = 'ncmc-embedded:test'
const SERVER_IMAGE = 'ncmc-mcp-server:test'
const LABEL = 'nc-mcp-conformance=embedded-image-test'
const ADMIN = { userId: 'admin', password: 'admin-password' }

/** Waits until a URL answers at all. */
async function answering(url: string): Promise<Response> {
  for (let left = 300; ; left -= 1) {
    try {
      return await fetch(url)
    } catch (error) {
      if (left === 0) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

/** A script that runs for a stage of the start. */
interface Hook {
  readonly stage: string
  readonly name: string
  readonly text: string
  readonly mode?: number
}

describeOnEngine('the image of the embedded Nextcloud', () => {
  let folder: string
  const containers: string[] = []

  /** Makes a container with its hooks in it, and starts it. */
  async function start(hooks: readonly Hook[], ...options: string[]): Promise<string> {
    const environment = {
      NEXTCLOUD_ADMIN_USER: ADMIN.userId,
      NEXTCLOUD_ADMIN_PASSWORD: ADMIN.password,
      NEXTCLOUD_TRUSTED_DOMAINS: 'nextcloud cloud.example.com',
      SQLITE_DATABASE: 'nextcloud',
    }
    const env = Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`])
    const id = await must('create', '--label', LABEL, '-p', '127.0.0.1::80', ...env, ...options, IMAGE)
    containers.push(id)
    for (const { stage, name, text, mode = 0o755 } of hooks) {
      const file = join(folder, name)
      writeFileSync(file, `#!/bin/sh\n${text}\n`, { mode })
      await must('cp', file, `${id}:/docker-entrypoint-hooks.d/${stage}/${name}`)
    }
    await must('start', id)
    return id
  }

  async function urlOf(id: string, port = 80): Promise<string> {
    const address = (await must('port', id, String(port))).split('\n')[0]!
    return `http://${address}`
  }

  async function occ(
    id: string,
    args: readonly string[],
    password = '',
  ): Promise<{ code: number; text: string }> {
    return docker('exec', '-u', 'www-data', '-e', `OC_PASS=${password}`, id, 'php', 'occ', ...args)
  }

  beforeAll(async () => {
    folder = await createTemporaryFolder()
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
    if (containers.length > 0) await must('rm', '--force', '--volumes', ...containers)
    expect(await must('ps', '--all', '--quiet', '--filter', `label=${LABEL}`)).toBe('')
  })

  it('installs, runs hooks in order as www-data, follows occ, and starts from a copy as it was', async () => {
    const note = (text: string): string => `echo "${text} $(id -u)" >> /var/www/html/data/hooks.txt`
    const id = await start([
      { stage: 'post-installation', name: '20-second.sh', text: note('second') },
      {
        stage: 'post-installation',
        name: '10-first.sh',
        text: `php occ app:enable oidc && ${note('first')}`,
      },
      { stage: 'post-installation', name: '15-not-executable.sh', text: note('never'), mode: 0o644 },
      { stage: 'before-starting', name: '10-start.sh', text: note('start') },
    ])
    const baseUrl = await urlOf(id)
    const status = await answering(`${baseUrl}/status.php`)
    expect(await status.json()).toMatchObject({ installed: true, maintenance: false })
    expect(await must('exec', id, 'cat', '/var/www/html/data/hooks.txt')).toBe(
      'first 33\nsecond 33\nstart 33',
    )
    expect(await must('exec', id, 'grep', '-h', '^Uid:', '/proc/1/status')).toMatch(/^Uid:\s+33\s+33\s/)

    expect(await whoAmI(baseUrl, ADMIN)).toBe('admin')
    const alice = { userId: 'alice', password: 'alice-password' }
    expect((await occ(id, ['user:add', '--password-from-env', 'alice'], alice.password)).code).toBe(0)
    expect(await whoAmI(baseUrl, alice)).toBe('alice')
    expect((await occ(id, ['nonsense'])).code).toBe(1)
    expect((await docker('exec', id, 'php', 'occ', 'status')).code).toBe(1)
    await occ(id, ['config:system:set', 'overwritehost', '--value=cloud.example.com'])
    expect(await discovery(baseUrl)).toMatchObject({ issuer: 'http://cloud.example.com' })

    // What a snapshot does: the web root goes from one volume to the next.
    const tar = join(folder, 'html.tar')
    await must('exec', id, 'tar', '-cpf', '/tmp/html.tar', '-C', '/var/www/html', '.')
    await must('cp', `${id}:/tmp/html.tar`, tar)
    const copy = await must(
      'create',
      '--label',
      LABEL,
      '-p',
      '127.0.0.1::80',
      '--entrypoint',
      'sh',
      IMAGE,
      '-c',
      'tar -xpf /tmp/html.tar -C /var/www/html && exec /entrypoint.sh apache2-foreground',
    )
    containers.push(copy)
    await must('cp', tar, `${copy}:/tmp/html.tar`)
    await must('start', copy)
    const copyUrl = await urlOf(copy)
    await answering(`${copyUrl}/status.php`)
    expect(await whoAmI(copyUrl, alice)).toBe('alice')
    expect(await discovery(copyUrl)).toMatchObject({ issuer: 'http://cloud.example.com' })
    expect(await must('logs', copy)).not.toContain('installed')
  })

  it('ends with the exit code of a hook that fails', async () => {
    const id = await start([{ stage: 'post-installation', name: '10-failing.sh', text: 'exit 7' }])
    expect(await must('wait', id)).toBe('7')
  })

  it('is not installed without its database', async () => {
    const database = ['MYSQL_DATABASE=nextcloud', 'MYSQL_USER=nextcloud', 'MYSQL_PASSWORD_FILE=/etc/passwd']
    const options = ['SQLITE_DATABASE=', 'MYSQL_HOST=localhost', ...database].flatMap((entry) => [
      '-e',
      entry,
    ])
    const unreachable = await start([], ...options)
    expect(await must('wait', unreachable)).toBe('1')
    expect(await must('logs', unreachable)).toContain('MYSQL_HOST names localhost, where nothing takes')
    const unnamed = await start([], ...options.slice(0, -2))
    expect(await must('wait', unnamed)).toBe('1')
    expect(await must('logs', unnamed)).toContain('and a database (')
  })

  it('has a reference server beside it that answers as a user of it, without root', async () => {
    const network = `ncmc-embedded-image-${process.pid}`
    await must('network', 'create', '--label', LABEL, network)
    try {
      const nextcloud = await start(
        [{ stage: 'post-installation', name: '10-apps.sh', text: 'php occ app:enable oidc user_oidc notes' }],
        '--network',
        network,
        '--network-alias',
        'nextcloud',
      )
      await answering(`${await urlOf(nextcloud)}/status.php`)
      const server = await must(
        'run',
        '--detach',
        '--label',
        LABEL,
        '--network',
        network,
        '-p',
        '127.0.0.1::8000',
        '-e',
        'MODE=basic',
        '-e',
        'NEXTCLOUD_HOST=http://nextcloud',
        '-e',
        `NEXTCLOUD_USERNAME=${ADMIN.userId}`,
        '-e',
        `NEXTCLOUD_PASSWORD=${ADMIN.password}`,
        '-e',
        'NEXTCLOUD_MCP_SERVER_URL=http://localhost:8000/mcp',
        SERVER_IMAGE,
      )
      containers.push(server)
      expect(await must('exec', server, 'id', '-u')).toBe('1000')
      const { port } = new URL(await urlOf(server, 8000))
      await answering(`http://127.0.0.1:${port}/mcp`)
      const tools = await must('exec', server, 'node', '--input-type=module', '-e', CALL_TOOL)
      expect(tools).toContain('nc_notes')
    } finally {
      await must('rm', '--force', '--volumes', ...containers.splice(0))
      await must('network', 'rm', network)
    }
  })
})

/** Asks the server for its tools from inside its container, where it has its own address. */
const CALL_TOOL = `
const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' }
const post = (method, params, id, more = {}) => fetch('http://127.0.0.1:8000/mcp', {
  method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify({ jsonrpc: '2.0', method, params, id }) })
const first = await post('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 't', version: '1' } }, 1)
const session = { 'mcp-session-id': first.headers.get('mcp-session-id') ?? '' }
await first.text()
console.log(await (await post('tools/list', {}, 2, session)).text())
`
