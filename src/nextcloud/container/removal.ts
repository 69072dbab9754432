import { statusOf, type Engine } from './engine.js'
import { isOfARun, LABEL, type Labels } from './owner.js'

/** What of ours is removed: everything whose labels is accepted. */
export interface Removed {
  readonly containers: number
  readonly networks: number
  readonly volumes: number
}

/**
 * Removes containers (with their volumes), networks and volumes of ours that is accepted. Only what names its run
 * is ours: a container that somebody else made from one of our images inherits the image's labels.
 */
export async function removeOurs(engine: Engine, accepts: (labels: Labels) => boolean): Promise<Removed> {
  const wanted = (labels: Labels): boolean => isOfARun(labels) && accepts(labels)
  const filters = { label: [LABEL] }
  const containers = (await engine.listContainers({ all: true, filters })).filter(({ Labels }) =>
    wanted(Labels),
  )
  await Promise.all(
    containers.map(({ Id }) => ignoreGone(engine.getContainer(Id).remove({ force: true, v: true }))),
  )
  const networks = (await engine.listNetworks({ filters })).filter(({ Labels }) => wanted(Labels ?? {}))
  await Promise.all(networks.map(({ Id }) => ignoreGone(engine.getNetwork(Id).remove())))
  const { Volumes } = await engine.listVolumes({ filters })
  const volumes = Volumes.filter((volume) => wanted(volume.Labels))
  await Promise.all(volumes.map(({ Name }) => ignoreGone(engine.getVolume(Name).remove())))
  return { containers: containers.length, networks: networks.length, volumes: volumes.length }
}

/** Somebody else (another sweep, the reaper) may be faster, or in the middle of it. */
async function ignoreGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal
  } catch (error) {
    const status = statusOf(error)
    if (status !== 404 && status !== 409) throw error
  }
}
