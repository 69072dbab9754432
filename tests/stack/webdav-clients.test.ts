import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createClient, type FileStat, type WebDAVClient } from 'webdav'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'

let nextcloud: EmbeddedNextcloud
beforeAll(async () => {
  nextcloud = await startEmbeddedNextcloud()
})
afterAll(() => nextcloud.stop())

function clientAt(path: string): WebDAVClient {
  const { userId, password } = nextcloud.users.alice
  return createClient(`${nextcloud.baseUrl}${path}`, { username: userId, password })
}

describe.each(['/remote.php/dav/files/alice', '/remote.php/webdav'])('the client "webdav" at %s', (base) => {
  it('makes, lists, moves, copies and deletes, with names of all kinds', async () => {
    const client = clientAt(base)
    const folder = '/ü 漢 #1 100% & more'
    await client.createDirectory(folder)
    expect(await client.exists(folder)).toBe(true)
    expect(await client.exists('/none')).toBe(false)
    const bytes = Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index))
    expect(await client.putFileContents(`${folder}/👍 a+b.bin`, bytes)).toBe(true)
    await client.putFileContents(`${folder}/note.txt`, 'text ü')
    expect(await client.getFileContents(`${folder}/👍 a+b.bin`)).toEqual(bytes)
    expect(await client.getFileContents(`${folder}/note.txt`, { format: 'text' })).toBe('text ü')
    const listed = await client.getDirectoryContents(folder)
    expect(
      listed.map(({ basename, filename, type, size, mime }) => [basename, filename, type, size, mime]),
    ).toEqual([
      ['note.txt', `${folder}/note.txt`, 'file', 7, 'text/plain'],
      ['👍 a+b.bin', `${folder}/👍 a+b.bin`, 'file', 256, 'application/octet-stream'],
    ])
    await client.copyFile(`${folder}/note.txt`, '/copied ü.txt')
    await client.moveFile(folder, '/moved')
    expect(await client.exists(folder)).toBe(false)
    expect(await client.getFileContents('/moved/note.txt', { format: 'text' })).toBe('text ü')
    const all = await client.getDirectoryContents('/', { deep: true })
    expect(all.map(({ filename }) => filename)).toEqual([
      '/copied ü.txt',
      '/moved',
      '/moved/note.txt',
      '/moved/👍 a+b.bin',
    ])
    await client.deleteFile('/moved')
    await client.deleteFile('/copied ü.txt')
    expect(await client.getDirectoryContents('/')).toEqual([])
  })

  it('is told of conditions, parts, quota and failures', async () => {
    const client = clientAt(base)
    expect(await client.putFileContents('/a.txt', 'one', { overwrite: false })).toBe(true)
    expect(await client.putFileContents('/a.txt', 'two', { overwrite: false })).toBe(false)
    await client.createDirectory('/deep/er/still', { recursive: true })
    const stat = (await client.stat('/a.txt')) as FileStat
    expect([stat.size, stat.etag?.length]).toEqual([3, 32])
    const part = new PassThrough()
    client.createReadStream('/a.txt', { range: { start: 1, end: 2 } }).pipe(part)
    expect(await text(part)).toBe('ne')
    expect(await client.getQuota()).toMatchObject({ used: 3 })
    await expect(client.getFileContents('/none.txt')).rejects.toMatchObject({ status: 404 })
    await expect(client.moveFile('/a.txt', '/none/a.txt')).rejects.toMatchObject({ status: 409 })
    const search = `<d:searchrequest xmlns:d="DAV:"><d:basicsearch><d:select><d:prop><d:resourcetype/>
      <d:getcontentlength/></d:prop></d:select><d:from><d:scope><d:href>/files/alice</d:href></d:scope></d:from>
      <d:where><d:like><d:prop><d:displayname/></d:prop><d:literal>A.%</d:literal></d:like></d:where>
      </d:basicsearch></d:searchrequest>`
    const found = await clientAt('/remote.php/dav').search('/', { data: search })
    expect(found).toMatchObject({ results: [{ basename: 'a.txt', size: 3 }] })
    for (const path of ['/a.txt', '/deep']) await client.deleteFile(path)
  })
})
