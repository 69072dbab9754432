import { createServer, type AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { unreachableServer } from '../../src/nextcloud/embedded-image/database-reach.js'

it('finds the servers that the environment names, or says which one is not there', async () => {
  const server = createServer((socket) => socket.end())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const here = `127.0.0.1:${(server.address() as AddressInfo).port}`
  expect(await unreachableServer({})).toBeUndefined()
  expect(await unreachableServer({ MYSQL_HOST: here, REDIS_HOST: here })).toBeUndefined()
  expect(await unreachableServer({ MYSQL_HOST: '127.0.0.1:no-port' })).toContain('MYSQL_HOST')
  await new Promise((resolve) => server.close(resolve))
  for (const name of ['MYSQL_HOST', 'POSTGRES_HOST', 'REDIS_HOST']) {
    expect(await unreachableServer({ [name]: here })).toContain(`${name} names 127.0.0.1`)
  }
})
