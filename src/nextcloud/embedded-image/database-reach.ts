import { connect } from 'node:net'
import type { ImageEnv } from './installation.js'

const CONNECT_TIMEOUT_MS = 5_000

/** What the official image reads, in its order: a database of the environment's, and Redis. */
const SERVERS = [
  { host: 'MYSQL_HOST', port: 3306 },
  { host: 'POSTGRES_HOST', port: 5432 },
  { host: 'REDIS_HOST', port: 6379 },
] as const

/**
 * Whether the servers that the environment names take connections. Nobody logs in: nothing is kept in them here.
 *
 * @returns what is wrong, `undefined` when nothing is.
 */
export async function unreachableServer(env: ImageEnv): Promise<string | undefined> {
  for (const server of SERVERS) {
    const [host = '', port = String(server.port)] = (env[server.host] ?? '').split(':')
    // A port that is none is refused by an exception.
    if (host !== '' && !(await accepts(host, Number(port)).catch(() => false))) {
      return `${server.host} names ${host}, where nothing takes connections on port ${port}`
    }
  }
  return undefined
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS })
    const end = (answer: boolean): void => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('timeout', () => end(false))
    socket.once('error', () => end(false))
  })
}
