import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { collectArchives } from '../../src/nextcloud/container/app-archives.js'

describe('archives of apps', () => {
  let folder: string
  let store: Server
  let url: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ncmc-test-'))
    store = createServer((request, response) => {
      if (request.url === '/api/v1/platform/32.0.0/apps.json') {
        const releases = [
          { version: '2.0.9', download: `${url}/new` },
          { version: '1.9.0', download: `${url}/old` },
        ]
        response.end(JSON.stringify([{ id: 'oidc', releases }]))
      } else if (request.url === '/old') response.end('the archive')
      else response.writeHead(500).end()
    })
    await new Promise<void>((resolve) => store.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(store.address() as AddressInfo).port}`
  })
  afterEach(async () => {
    await new Promise((resolve) => store.close(resolve))
    await rm(folder, { recursive: true })
  })

  it('are downloaded for a chosen version, and for nothing else', async () => {
    const archives = await collectArchives(
      [{ id: 'notes' }, { id: 'oidc', version: '1.9.0' }],
      folder,
      '32',
      url,
    )
    expect(Object.keys(archives)).toEqual(['oidc'])
    expect(await readFile(archives['oidc']!, 'utf8')).toBe('the archive')
  })
  it('say which releases there are when there is none of that version', async () => {
    await expect(collectArchives([{ id: 'oidc', version: '9' }], folder, '32', url)).rejects.toMatchObject({
      code: 'NCMC_APP_ARCHIVE',
      exitCode: 2,
      message: expect.stringContaining('it has 2.0.9, 1.9.0'),
    })
  })
  it('say what to do when the store or the download fails', async () => {
    const failed = collectArchives([{ id: 'oidc', version: '2.0.9' }], folder, '32', url)
    await expect(failed).rejects.toMatchObject({ code: 'NCMC_APP_ARCHIVE', exitCode: 3 })
    await expect(failed).rejects.toThrow(/answered 500.*give an archive/)
  })
  it("must be readable when they are the user's", async () => {
    const archive = join(folder, 'none.tar.gz')
    await expect(collectArchives([{ id: 'oidc', archive }], folder, '32', url)).rejects.toMatchObject({
      exitCode: 2,
    })
  })
})
