import { connectEngine, statusOf, type Engine } from './engine.js'
import { isOfARun, LABEL, ownerOf, type Labels } from './owner.js'
import { removeOurs, type Removed } from './removal.js'
import { SNAPSHOT_REPOSITORY } from './snapshot.js'

/**
 * Removes what belongs to processes of this machine that are gone: a `kill -9` lets nobody clean up after himself.
 *
 * @returns how many containers, networks and volumes that were.
 * @throws {HarnessError} `NCMC_DOCKER_MISSING`.
 */
export async function sweepContainers(): Promise<number> {
  const removed = await removeOurs(await connectEngine(), (labels) => ownerOf(labels) === 'dead')
  return removed.containers + removed.networks + removed.volumes
}

export interface PruneReport extends Removed {
  /** Snapshots. */
  readonly images: number
  /** Containers of processes that still run here: left alone. */
  readonly inUse: number
}

/**
 * Removes everything of ours: containers, networks and volumes but those of a process that still runs on this
 * machine, and all snapshots. Nothing else.
 *
 * @throws {HarnessError} `NCMC_DOCKER_MISSING`.
 */
export async function prune(): Promise<PruneReport> {
  const engine = await connectEngine()
  const inUse = (labels: Labels): boolean => ['alive', 'this-process'].includes(ownerOf(labels))
  const removed = await removeOurs(engine, (labels) => !inUse(labels))
  const left = (await engine.listContainers({ all: true, filters: { label: [LABEL] } })).filter(
    ({ Labels }) => isOfARun(Labels),
  )
  return { ...removed, images: await removeSnapshots(engine, inUse), inUse: left.length }
}

/** An image that somebody built on a snapshot inherits its labels, so the name counts too. */
async function removeSnapshots(engine: Engine, inUse: (labels: Labels) => boolean): Promise<number> {
  const images = await engine.listImages({ filters: { label: [`${LABEL}=snapshot`] } })
  let count = 0
  for (const image of images) {
    const names = ((image.RepoTags as string[] | null) ?? []).filter((name) => name !== '<none>:<none>')
    const ours = names.filter((name) => name.startsWith(`${SNAPSHOT_REPOSITORY}:`))
    // Without a name it is one that a later snapshot replaced, or one whose process was killed before it was named.
    const targets = names.length === 0 && !inUse(image.Labels) ? [image.Id] : ours
    for (const target of targets) if (await removeImage(engine, target)) count += 1
  }
  return count
}

/** False when a running container stands on it, or it is gone already. */
async function removeImage(engine: Engine, name: string): Promise<boolean> {
  try {
    await engine.getImage(name).remove({ force: false })
    return true
  } catch (error) {
    const status = statusOf(error)
    if (status !== 404 && status !== 409) throw error
    return false
  }
}
