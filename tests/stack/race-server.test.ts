import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { raceReportSchema, type Cause, type ServerBehaviour } from '../../src/race/model.js'
import { cli } from '../cli/support.js'
import { measureServer, type ServerMeasurementOptions } from '../../src/race/server-behaviour.js'

/** Registers for every MCP session, as some servers did, and asks nobody about tokens. */
const REGISTERS_PER_SESSION = `
import { createServer } from 'node:http'
const issuer = process.env.NEXTCLOUD_HOST
async function register() {
  const { registration_endpoint } = await (await fetch(issuer + '/.well-known/openid-configuration')).json()
  const body = JSON.stringify({ redirect_uris: ['http://127.0.0.1:9/callback'] })
  const headers = { 'content-type': 'application/json' }
  return (await fetch(registration_endpoint, { method: 'POST', headers, body })).status === 201
}
if (!(await register())) process.exit(1)
createServer(async (request, response) => {
  let text = ''
  for await (const part of request) text += part
  const message = request.method === 'POST' ? JSON.parse(text) : {}
  if (message.method !== 'initialize') return response.writeHead(request.method === 'POST' ? 202 : 405).end()
  if (!(await register())) return response.writeHead(503).end()
  const result = {
    protocolVersion: message.params.protocolVersion,
    capabilities: {},
    serverInfo: { name: 'per session', version: '1' },
  }
  response.writeHead(200, { 'content-type': 'application/json' })
  response.end(JSON.stringify({ jsonrpc: '2.0', id: message.id, result }))
}).listen(Number(process.env.PORT), '127.0.0.1')
`

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ncmc-test-'))
  await writeFile(join(folder, 'server.mjs'), REGISTERS_PER_SESSION)
})
afterAll(() => rm(folder, { recursive: true }))

async function measured(
  cause: Cause,
  spec: ServerMeasurementOptions['spec'] = { kind: 'reference' },
): Promise<ServerBehaviour | undefined> {
  const behaviours = await measureServer({
    spec,
    causes: [cause],
    starts: 1,
    lag: 300,
    profile: 'oidc-2.0.9',
    seed: 1,
    startupTimeoutMs: 15_000,
    signal: new AbortController().signal,
  })
  expect(behaviours).toHaveLength(1)
  return behaviours[0]
}

const perSession = () => ({
  kind: 'command' as const,
  command: `exec ${process.execPath} ${join(folder, 'server.mjs')}`,
})

const ownFolders = async (): Promise<string[]> =>
  (await readdir(tmpdir())).filter((name) => name.startsWith(`ncmc-${process.pid}-`))

describe('a server from the outside', () => {
  it('that registers once and waits for its client serves the first session, also of a late client', async () => {
    for (const cause of ['none', 'client-lag'] as const) {
      expect(await measured(cause)).toMatchObject({
        cause,
        registrationsPerStart: 1,
        registrationsPerSession: 0,
        firstFlow: { trials: 1, succeeded: 1 },
        failingAnswers: [],
      })
    }
  })

  it('refuses the first token where Nextcloud sees it late', async () => {
    expect(await measured('token-lag')).toMatchObject({
      firstFlow: { succeeded: 0 },
      failingAnswers: [{ step: 'session', status: 401, count: 1 }],
    })
  })

  it('does not start where the registration is refused', async () => {
    expect(await measured('registration-limit')).toMatchObject({
      registrationsPerStart: 1,
      firstFlow: { succeeded: 0 },
      failingAnswers: [{ step: 'register', status: 429, count: 1 }],
    })
  })

  it('that registers for each session is seen to, and a storm of sessions breaks it', async () => {
    expect(await measured('none', perSession())).toMatchObject({
      registrationsPerStart: 1,
      registrationsPerSession: 1,
      firstFlow: { succeeded: 1 },
      failingAnswers: [],
    })
    const storm = await measured('registration-storm', perSession())
    expect(storm?.failingAnswers).toContainEqual(expect.objectContaining({ step: 'register', status: 429 }))
    expect(storm?.failingAnswers).toContainEqual(expect.objectContaining({ step: 'session', status: 503 }))
  })

  it('is measured beside the laboratory by the command', async () => {
    const args = [
      'race',
      '--cause',
      'none',
      '--trials',
      '1',
      '--remedy',
      'none',
      '--server',
      'reference',
      '--json',
    ]
    const { code, out, err } = await cli(args, { cwd: folder })
    expect(code, err).toBe(0)
    expect(raceReportSchema.parse(JSON.parse(out)).server).toMatchObject([
      { cause: 'none', registrationsPerStart: 1, firstFlow: { trials: 3, succeeded: 3 } },
    ])
  })

  it('starts twice where two processes share a client file', async () => {
    expect(await measured('shared-client-file', perSession())).toMatchObject({ registrationsPerStart: 2 })
  })

  it('leaves no folder, and nothing that runs, when it is stopped', async () => {
    const before = await ownFolders()
    const stop = new AbortController()
    const measuring = measureServer({
      spec: perSession(),
      causes: ['none'],
      starts: 5,
      lag: 300,
      profile: 'oidc-2.0.9',
      seed: 1,
      startupTimeoutMs: 15_000,
      signal: stop.signal,
      onProgress: ({ done }) => {
        if (done === 1) stop.abort(new Error('Ctrl-C'))
      },
    })
    await expect(measuring).rejects.toThrow()
    expect(await ownFolders()).toEqual(before)
  })
})
