import { Socket } from 'node:net'

/**
 * The network guard of tests that drive whole stacks: any socket to another host than this one is an error.
 * msw cannot stand here: it clones every response, and cancelling one half of a cloned stream (as the MCP SDK
 * does with the body of a 202) waits for the other half for ever.
 */
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with its own `this` below
const connect = Socket.prototype.connect as (this: Socket, ...args: unknown[]) => Socket

Socket.prototype.connect = function guarded(this: Socket, ...args: unknown[]): Socket {
  // Node normalises arguments into one array before it calls this method internally.
  const first: unknown = Array.isArray(args[0]) ? (args[0] as unknown[])[0] : args[0]
  const named = typeof first === 'object' && first !== null && 'host' in first ? first.host : undefined
  const host = typeof named === 'string' ? named : 'localhost'
  if (!/^(localhost|127\.|::1$|\[::1\]$)/.test(host)) {
    throw new Error(`a test tried to reach ${host}; tests stay on this machine`)
  }
  return connect.apply(this, args)
}
