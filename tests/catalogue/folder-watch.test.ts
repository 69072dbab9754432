import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { watchFolder } from '../../src/catalogue/support/folder-watch.js'

describe.skipIf(process.platform === 'win32')('watching the modes of files', () => {
  let folder = ''
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ncmc-test-'))
  })
  afterEach(async () => {
    await rm(folder, { recursive: true })
  })

  it('sees that a draft was open to others before it became a private client file', async () => {
    const watch = watchFolder(folder)
    const draft = join(folder, 'draft')
    await writeFile(draft, '{"client_secret":""}')
    await chmod(draft, 0o644)
    await delay(20)
    await chmod(draft, 0o600)
    await rename(draft, join(folder, 'client.json'))
    const files = await watch.stop()
    expect(files).toMatchObject([
      { name: 'client.json', exists: true, mentionsClient: true, lastMode: 0o600, widestMode: 0o600 },
      { name: 'draft', exists: false, mentionsClient: false, widestMode: 0o644 },
    ])
  })

  it('tells a client file from other files', async () => {
    const watch = watchFolder(folder)
    await writeFile(join(folder, 'server.log'), 'ready', { mode: 0o644 })
    const files = await watch.stop()
    expect(files).toMatchObject([{ name: 'server.log', mentionsClient: false }])
  })
})
