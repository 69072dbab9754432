import type { Engine } from './engine.js'
import { ownLabels } from './owner.js'

/** Name of the Nextcloud inside the network. */
export const NEXTCLOUD_ALIAS = 'nextcloud'
export const DATABASE_ALIAS = 'database'
export const REPLICA_ALIAS = 'database-replica'
export const REDIS_ALIAS = 'redis'

/** Makes the network of one start. @returns its name. */
export async function createRunNetwork(engine: Engine, run: string): Promise<string> {
  const name = `nc-mcp-conformance-${run}`
  await engine.createNetwork({
    Name: name,
    Driver: 'bridge',
    CheckDuplicate: true,
    Labels: ownLabels('network', run),
  })
  return name
}
