import { readdir, readFile } from 'node:fs/promises'
import type { RunningServer } from '../../servers/server.js'

export const MIB = 1_048_576

/** What a server holds of its machine. */
export interface ProcessUsage {
  /** Resident memory, bytes. */
  readonly residentBytes: number
  /** Open files and sockets. */
  readonly descriptors: number
}

/**
 * What the process of a server and those that it started (its process group) hold; `undefined` where that cannot be
 * seen: in a container, or on a system other than Linux.
 */
export async function processUsage({ pid }: Pick<RunningServer, 'pid'>): Promise<ProcessUsage | undefined> {
  if (pid === undefined || process.platform !== 'linux') return undefined
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const usages = await Promise.all(ids.map((id) => usageOf(id, pid)))
  const members = usages.filter((usage) => usage !== undefined)
  if (members.length === 0) return undefined
  return {
    residentBytes: members.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    descriptors: members.reduce((sum, { descriptors }) => sum + descriptors, 0),
  }
}

/** `undefined` for processes that end while they are looked at or belong to another group. */
async function usageOf(id: string, groupId: number): Promise<ProcessUsage | undefined> {
  try {
    const stat = await readFile(`/proc/${id}/stat`, 'utf8')
    // Behind the name, which may hold anything: state, parent, process group (proc(5)).
    const [, , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (Number(group) !== groupId) return undefined
    const [status, descriptors] = await Promise.all([
      readFile(`/proc/${id}/status`, 'utf8'),
      readdir(`/proc/${id}/fd`),
    ])
    const kibibytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0)
    return { residentBytes: kibibytes * 1024, descriptors: descriptors.length }
  } catch {
    return undefined
  }
}
