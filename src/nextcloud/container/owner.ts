import { readFileSync, readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { isAlive } from '../../temporary-folder.js'

/** On every container, network, volume and image of ours; the value says what it is for. */
export const LABEL = 'nc-mcp-conformance'
/** Process that started it. */
export const OWNER_LABEL = 'nc-mcp-conformance.pid'
/** Where that process id means something: this host, since its last boot, in this process namespace. */
export const HOST_LABEL = 'nc-mcp-conformance.host'
/** One start of a Nextcloud: all that belongs to it. */
export const RUN_LABEL = 'nc-mcp-conformance.run'

export type Role =
  'nextcloud' | 'database' | 'replica' | 'redis' | 'network' | 'volume' | 'snapshot' | 'mcp-server'
export type Labels = Readonly<Record<string, string>>

/** Labels of something that this process owns. */
export function ownLabels(role: Role, run: string): Record<string, string> {
  return { [LABEL]: role, [OWNER_LABEL]: String(process.pid), [HOST_LABEL]: thisHost(), [RUN_LABEL]: run }
}

/** An image has our labels with an empty run: see `commitUnnamed`. */
export function isOfARun(labels: Labels | undefined): boolean {
  return (labels?.[RUN_LABEL] ?? '') !== ''
}

export type Owner = 'this-process' | 'alive' | 'dead' | 'elsewhere'

/** Who owns something with these labels: another host's processes cannot be judged from here. */
export function ownerOf(labels: Labels | undefined): Owner {
  const pid = Number(labels?.[OWNER_LABEL])
  if (!Number.isInteger(pid) || pid <= 0 || labels?.[HOST_LABEL] !== thisHost()) return 'elsewhere'
  if (pid === process.pid) return 'this-process'
  return isAlive(pid) ? 'alive' : 'dead'
}

let host: string | undefined

function thisHost(): string {
  host ??= [hostname(), bootId(), processNamespace()].join('/')
  return host
}

/** Linux only; elsewhere the host name alone must do. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return 'unknown-boot'
  }
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return 'one-namespace'
  }
}
