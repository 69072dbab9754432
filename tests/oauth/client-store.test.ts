import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ClientStore, isClientExpired, type StoredClient } from '../../src/oauth/client-store.js'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ncmc-client-store-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

const client: StoredClient = {
  issuer: 'http://127.0.0.1:8080',
  client_id: 'the-client',
  client_secret: 'the-secret',
  client_id_issued_at: 1_000,
  client_secret_expires_at: 4_600,
  redirect_uris: ['http://127.0.0.1:8000/oauth/callback'],
  resource_url: 'http://127.0.0.1:8000/mcp',
}

describe('the client store', () => {
  it('loads what it saved', async () => {
    const store = new ClientStore(join(folder, 'client.json'))
    expect(await store.load()).toEqual({ status: 'absent' })
    await store.save(client)
    expect(await store.load()).toEqual({ status: 'found', client })
    await store.save({ ...client, client_id: 'the-next' })
    expect(await store.load()).toMatchObject({ client: { client_id: 'the-next' } })
    expect(await readdir(folder)).toEqual(['client.json'])
  })

  it('lets nobody else read the file at any moment, even with umask 000', async () => {
    const previous = process.umask(0)
    try {
      const store = new ClientStore(join(folder, 'client.json'))
      let saving = true
      const modes = new Set<number>()
      const sample = async (): Promise<void> => {
        while (saving) {
          for (const name of await readdir(folder)) {
            const found = await stat(join(folder, name)).catch(() => undefined)
            if (found !== undefined) modes.add(found.mode & 0o777)
          }
        }
      }
      const sampling = sample()
      for (let round = 0; round < 50; round += 1) await store.save(client)
      saving = false
      await sampling
      expect([...modes]).toEqual([0o600])
    } finally {
      process.umask(previous)
    }
  })

  it('tightens a file that was there with a wider mode', async () => {
    const path = join(folder, 'client.json')
    await writeFile(path, '{}')
    await chmod(path, 0o644)
    await new ClientStore(path).save(client)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('widens the finished file when a mutant asks for it', async () => {
    const path = join(folder, 'client.json')
    await new ClientStore(path, { fileMode: 0o644 }).save(client)
    expect((await stat(path)).mode & 0o777).toBe(0o644)
  })

  it('is whole at every moment of concurrent saves', async () => {
    const path = join(folder, 'client.json')
    const store = new ClientStore(path)
    await store.save(client)
    let saving = true
    const seen = new Set<string>()
    const read = async (): Promise<void> => {
      while (saving) seen.add((await store.load()).status)
    }
    const reading = read()
    const long = 'x'.repeat(20_000)
    await Promise.all(
      Array.from({ length: 40 }, (_, index) => store.save({ ...client, client_id: `${index}-${long}` })),
    )
    saving = false
    await reading
    expect([...seen]).toEqual(['found'])
    expect(await readdir(folder)).toEqual(['client.json'])
  })

  it('leaves no temporary file behind when the save fails', async () => {
    await expect(new ClientStore(join(folder, 'absent', 'client.json')).save(client)).rejects.toMatchObject({
      code: 'ENOENT',
    })
    const directory = join(folder, 'taken')
    await mkdir(join(directory, 'inside'), { recursive: true })
    await expect(new ClientStore(directory).save(client)).rejects.toThrow()
    expect(await readdir(folder)).toEqual(['taken'])
  })

  it('refuses to save what it could not load', async () => {
    const store = new ClientStore(join(folder, 'client.json'))
    await expect(store.save({ ...client, redirect_uris: [] })).rejects.toThrow()
    expect(await readdir(folder)).toEqual([])
  })

  it.each([
    ['an empty file', '', 'the file is empty'],
    ['half a file', '{"issuer":"http', 'the file is no JSON'],
    ['another type', '[]', 'the document'],
    ['null', 'null', 'the document'],
    ['a missing member', JSON.stringify({ ...client, client_secret: undefined }), 'client_secret'],
    [
      'a wrong type',
      JSON.stringify({ ...client, client_secret_expires_at: '4600' }),
      'client_secret_expires_at',
    ],
    ['an empty client id', JSON.stringify({ ...client, client_id: '' }), 'client_id'],
  ])('calls %s corrupt, without quoting it', async (_name, text, reason) => {
    const path = join(folder, 'client.json')
    await writeFile(path, text)
    const loaded = await new ClientStore(path).load()
    expect(loaded).toMatchObject({ status: 'corrupt', reason: expect.stringContaining(reason) as string })
    expect(JSON.stringify(loaded)).not.toContain('the-secret')
  })

  it('passes on that a file cannot be read', async () => {
    await expect(new ClientStore(folder).load()).rejects.toMatchObject({ code: 'EISDIR' })
  })
})

describe('the expiry of a client', () => {
  it('is reached at its second, earlier by the margin, and never for 0', () => {
    expect(isClientExpired(client, 4_599)).toBe(false)
    expect(isClientExpired(client, 4_600)).toBe(true)
    expect(isClientExpired(client, 4_539, 60)).toBe(false)
    expect(isClientExpired(client, 4_540, 60)).toBe(true)
    expect(isClientExpired({ ...client, client_secret_expires_at: 0 }, Number.MAX_SAFE_INTEGER, 60)).toBe(
      false,
    )
  })
})
