import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { HarnessError } from '../../src/errors.js'
import { defaultUsers } from '../../src/nextcloud/container/options.js'
import { makeFirstRequests, setUpEnvironment, setUpFiles } from '../../src/nextcloud/container/set-up.js'

describe('what a container is given', () => {
  it('lets PHP work one request at a time on SQLite, and on no other database', () => {
    const scanned = ':/ncmc/php'
    expect(setUpEnvironment({})['PHP_INI_SCAN_DIR']).toBe(scanned)
    expect(setUpEnvironment({ database: 'sqlite' })['PHP_INI_SCAN_DIR']).toBe(scanned)
    for (const database of ['mariadb', 'postgres'] as const)
      expect(setUpEnvironment({ database })).not.toHaveProperty('PHP_INI_SCAN_DIR')
  })

  it('has the settings and the file that they name in the scanned folder', () => {
    const files = new Map(setUpFiles().map(({ target, content }) => [target, content]))
    const prepended = /^auto_prepend_file=(.+)$/m.exec(files.get('/ncmc/php/ncmc.ini') ?? '')?.[1] ?? ''
    expect(files.get(prepended)).toContain('LOCK_EX')
  })
})

describe('first requests', () => {
  it('are made by everybody, one after the other', async () => {
    const users = defaultUsers()
    const asked: string[] = []
    const open = new Set<string>()
    let mostOpen = 0
    await answering(
      async (authorization) => {
        const login = Buffer.from(authorization.replace('Basic ', ''), 'base64').toString()
        asked.push(login)
        open.add(login)
        mostOpen = Math.max(mostOpen, open.size)
        // As long as the others would take to arrive.
        await setTimeout(20)
        open.delete(login)
        return 200
      },
      (url) => makeFirstRequests(url, users),
    )
    expect(asked).toEqual(users.map(({ userId, password }) => `${userId}:${password}`))
    expect(mostOpen).toBe(1)
  })

  it('that fail are said, without the password', async () => {
    const [alice] = defaultUsers()
    const failure: unknown = await answering(
      () => 401,
      (url) => makeFirstRequests(url, [alice!]),
    ).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(HarnessError)
    expect((failure as HarnessError).message).toMatch(/alice.*401/)
    expect((failure as HarnessError).message).not.toContain(alice!.password)
  })
})

async function answering(
  statusFor: (authorization: string) => number | Promise<number>,
  use: (url: string) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    void Promise.resolve(statusFor(request.headers.authorization ?? '')).then((status) =>
      response.writeHead(status).end('{}'),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.close()
    server.closeAllConnections()
  }
}
