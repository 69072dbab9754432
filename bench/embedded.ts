import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../src/nextcloud/embedded/index.js'
import { mintTokens } from '../src/oauth/tokens.js'
import { createUserAgent } from '../src/user-agent/index.js'
import { measureMemory } from './embedded-memory.js'
import type { LoadRequest } from './load.js'
import { median, times, type Measurement } from './measure.js'
import { throughput } from './under-load.js'

const FILES = 50
const NOTES = 100

/** Start-up, minting over HTTP, throughput and memory of the embedded Nextcloud. */
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
    const { userinfo, notes, folder } = await requestsOn(nextcloud, tokens.access_token)
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
      await throughput('userinfo', userinfo, '2,000/s on one core'),
      await throughput(`list of ${String(NOTES)} notes`, notes),
      await throughput(`PROPFIND, depth 1, ${String(FILES)} files`, folder),
      ...(await measureMemory([userinfo, notes, folder])),
    ]
  } finally {
    await agent.close()
    await nextcloud.stop()
  }
}

/** Fills alice's account and returns the requests that are measured. */
async function requestsOn(
  { baseUrl, users: { alice } }: EmbeddedNextcloud,
  accessToken: string,
): Promise<Record<'userinfo' | 'notes' | 'folder', LoadRequest>> {
  const basic = `Basic ${Buffer.from(`${alice.userId}:${alice.password}`).toString('base64')}`
  const notes = `${baseUrl}/index.php/apps/notes/api/v1/notes`
  const folder = `${baseUrl}/remote.php/dav/files/${alice.userId}/bench/`
  const send = async (url: string, method: string, body?: unknown): Promise<void> => {
    const answer = await fetch(url, {
      method,
      headers: { authorization: basic, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (!answer.ok) throw new Error(`${method} ${url} was answered with ${String(answer.status)}`)
  }
  await send(folder, 'MKCOL')
  for (let index = 0; index < FILES; index += 1)
    await send(`${folder}file-${String(index)}.txt`, 'PUT', index)
  for (let index = 0; index < NOTES; index += 1) {
    await send(notes, 'POST', { title: `Note ${String(index)}`, content: 'x'.repeat(200), category: 'Bench' })
  }
  return {
    userinfo: {
      url: `${baseUrl}/index.php/apps/oidc/userinfo`,
      headers: { authorization: `Bearer ${accessToken}` },
    },
    notes: { url: notes, headers: { authorization: basic } },
    folder: { url: folder, method: 'PROPFIND', headers: { authorization: basic, depth: '1' } },
  }
}
