import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { Worker } from 'node:worker_threads'
import { startEmbeddedNextcloud } from '../src/nextcloud/embedded/index.js'
import { mintTokens } from '../src/oauth/tokens.js'
import { createUserAgent } from '../src/user-agent/index.js'
import { median, times, type Measurement } from './measure.js'

/** Start-up, userinfo throughput and minting over HTTP of the embedded Nextcloud. */
export async function benchEmbedded(): Promise<Measurement[]> {
  const startUps = await times(10, async () => {
    const instance = await startEmbeddedNextcloud()
    await instance.stop()
  })
  const nextcloud = await startEmbeddedNextcloud()
  const agent = await createUserAgent('http')
  try {
    const mint = () =>
      mintTokens({ issuer: nextcloud.baseUrl, user: nextcloud.users.alice, userAgent: agent })
    const { tokens, client } = await mint()
    const mints = await times(20, () =>
      mintTokens({ issuer: nextcloud.baseUrl, user: nextcloud.users.alice, userAgent: agent, client }),
    )
    const headers = { authorization: `Bearer ${tokens.access_token}` }
    const userinfo = await load(`${nextcloud.baseUrl}/index.php/apps/oidc/userinfo`, headers)
    return [
      {
        name: 'embedded Nextcloud: start and stop, median of 10',
        value: median(startUps),
        unit: 'ms',
        bar: 'ready in 100 ms',
      },
      {
        name: 'http mint, registered client, median of 20',
        value: median(mints),
        unit: 'ms',
        bar: 'under 30 ms',
      },
      {
        name: 'userinfo requests, 32 connections, 3 s',
        value: userinfo,
        unit: '1/s',
        baseline: { name: 'a bare Hono server answering the same size', value: await bareHono() },
        bar: '2,000/s on one core',
      },
    ]
  } finally {
    await agent.close()
    await nextcloud.stop()
  }
}

async function bareHono(): Promise<number> {
  const body = { sub: 'alice', preferred_username: 'alice', scope: 'openid profile email', name: 'Alice' }
  const app = new Hono().get('/', (c) => c.json(body))
  const { server, port } = await new Promise<{ server: ReturnType<typeof serve>; port: number }>(
    (resolve) => {
      const listening = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, (info) =>
        resolve({ server: listening, port: info.port }),
      )
    },
  )
  try {
    return await load(`http://127.0.0.1:${port}/`, {})
  } finally {
    server.close()
  }
}

async function load(url: string, headers: Record<string, string>): Promise<number> {
  const worker = new Worker(new URL('./load.js', import.meta.url), {
    workerData: { url, headers, connections: 32, durationMs: 3_000 },
  })
  const { perSecond, refused } = await new Promise<{ perSecond: number; refused: number }>(
    (resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    },
  )
  if (refused > 0) throw new Error(`${refused} requests were refused`)
  return perSecond
}
