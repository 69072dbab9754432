import { lookup } from 'node:dns/promises'
import { BlockList } from 'node:net'
import { HarnessError } from '../../errors.js'
import type { Nextcloud } from '../nextcloud.js'
import type { Engine } from './engine.js'
import { startHostForwarder, type HostForwarder } from './host-forwarder.js'
import { createRunNetwork } from './network.js'

/** What of a Nextcloud says how containers reach it. */
export type ReachableNextcloud = Pick<Nextcloud, 'baseUrl' | 'internalUrl' | 'networkName' | 'networkUrl'>

/** Where a server's container is put, and how it reaches the Nextcloud from there. */
export interface ServerPlace {
  readonly networkName: string
  /** Base URL of the Nextcloud inside that network, no trailing slash. */
  readonly nextcloudUrl: string
  /** Idempotent. The network goes with its run. */
  close(): Promise<void>
}

/** Name under which engines that run in a virtual machine show this host to containers; it reaches loopback ports. */
const HOST_OF_A_VIRTUAL_MACHINE = 'host.docker.internal'
const NOTHING_TO_CLOSE = (): Promise<void> => Promise.resolve()

/**
 * Finds a place for a server's container: in the network of a Nextcloud in a container, else in a network of its own.
 * From there it cannot reach what listens on this host's 127.0.0.1, so a forwarder listens on that network's gateway
 * address for it, and serves that network alone.
 *
 * @param run whose labels the network gets.
 * @throws {HarnessError} `NCMC_CONTAINER_FAILED` when there is no way.
 */
export async function placeBeside(
  engine: Engine,
  nextcloud: ReachableNextcloud,
  run: string,
): Promise<ServerPlace> {
  if (nextcloud.networkName !== undefined && nextcloud.networkUrl !== undefined) {
    return {
      networkName: nextcloud.networkName,
      nextcloudUrl: nextcloud.networkUrl,
      close: NOTHING_TO_CLOSE,
    }
  }
  const networkName = await createRunNetwork(engine, run)
  const target = new URL(nextcloud.internalUrl)
  if (!(await isLoopback(target.hostname))) {
    return { networkName, nextcloudUrl: nextcloud.internalUrl, close: NOTHING_TO_CLOSE }
  }
  const { host, forwarder } = await forwardTo(target, await gatewayOf(engine, networkName))
  const path = target.pathname.replace(/\/+$/, '')
  return {
    networkName,
    nextcloudUrl: `http://${host}:${forwarder.port}${path}`,
    close: () => forwarder.close(),
  }
}

async function forwardTo(
  target: URL,
  { gateway, subnet }: { readonly gateway: string; readonly subnet: string },
): Promise<{ readonly host: string; readonly forwarder: HostForwarder }> {
  try {
    return { host: gateway, forwarder: await startHostForwarder({ target, address: gateway, subnet }) }
  } catch (error) {
    if (!(error instanceof HarnessError) || error.details['code'] !== 'EADDRNOTAVAIL') throw error
    // The engine's networks are those of a virtual machine (Docker Desktop), not of this host.
    return {
      host: HOST_OF_A_VIRTUAL_MACHINE,
      forwarder: await startHostForwarder({ target, address: '127.0.0.1' }),
    }
  }
}

async function gatewayOf(
  engine: Engine,
  networkName: string,
): Promise<{ readonly gateway: string; readonly subnet: string }> {
  const { IPAM } = await engine.getNetwork(networkName).inspect()
  const found = (IPAM?.Config ?? []).find(({ Gateway }) => Gateway?.includes('.') === true)
  if (found?.Gateway === undefined || found.Subnet === undefined) {
    throw new HarnessError('NCMC_CONTAINER_FAILED', 'the engine gives a network no IPv4 gateway')
  }
  return { gateway: found.Gateway, subnet: found.Subnet }
}

async function isLoopback(hostname: string): Promise<boolean> {
  const loopback = new BlockList()
  loopback.addSubnet('127.0.0.0', 8, 'ipv4')
  loopback.addAddress('::1', 'ipv6')
  // A name that cannot be resolved here may be known inside: the server will say.
  const addresses = await lookup(hostname.replace(/^\[|\]$/g, ''), { all: true }).catch(() => [])
  return addresses.some(({ address, family }) => loopback.check(address, family === 6 ? 'ipv6' : 'ipv4'))
}
