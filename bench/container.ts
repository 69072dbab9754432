import { randomBytes } from 'node:crypto'
import { connectEngine } from '../src/nextcloud/container/engine.js'
import { startContainerNextcloud } from '../src/nextcloud/container/index.js'
import { parseAppSpec } from '../src/nextcloud/container/options.js'
import { LABEL } from '../src/nextcloud/container/owner.js'
import { median, times, type Measurement } from './measure.js'

const ROUNDS = 5
/** The image to measure, and its apps as --app takes them, separated by commas; default: the image of our tests. */
const IMAGE = process.env['NCMC_NEXTCLOUD_IMAGE'] ?? 'ncmc-embedded:test'
const APPS = (process.env['NCMC_NEXTCLOUD_APPS'] ?? '').split(',').filter((app) => app !== '')

/**
 * Starts from the snapshot against the first start, which sets up and makes the snapshot. The less an image takes to be
 * installed, the smaller the ratio: the engine's own share is the same for both.
 */
export async function benchContainer(): Promise<Measurement[]> {
  const engine = await connectEngine()
  const options = {
    image: IMAGE,
    apps: APPS.map(parseAppSpec),
    // Part of what a snapshot is found by, so that no former one is.
    oidcConfig: { ncmc_bench: randomBytes(8).toString('hex') },
  }
  const start = async (from: 'image' | 'snapshot'): Promise<() => Promise<void>> => {
    const nextcloud = await startContainerNextcloud(options)
    if (nextcloud.startedFrom !== from) throw new Error(`started from ${nextcloud.startedFrom}, not ${from}`)
    return () => nextcloud.stop()
  }
  const snapshots = async (): Promise<string[]> =>
    (await engine.listImages({ filters: { label: [`${LABEL}=snapshot`] } })).map(({ Id }) => Id)
  const timed = async (from: 'image' | 'snapshot'): Promise<number> => {
    let stop = (): Promise<void> => Promise.resolve()
    const [ms = Number.NaN] = await times(1, async () => {
      stop = await start(from)
    })
    await stop()
    return ms
  }
  const known = await snapshots()
  try {
    const first = await timed('image')
    const second: number[] = []
    for (let round = 0; round < ROUNDS; round += 1) second.push(await timed('snapshot'))
    const stop = await start('snapshot')
    const [stopMs = Number.NaN] = await times(1, stop)
    return [
      {
        name: `${IMAGE} from its snapshot, median of ${ROUNDS}`,
        value: median(second.sort((a, b) => a - b)),
        unit: 'ms',
        baseline: { name: 'first start', value: first },
        bar: 'at most 0.20 × (5 times faster)',
      },
      { name: 'stopped, with network and volume', value: stopMs, unit: 'ms' },
    ]
  } finally {
    for (const id of await snapshots()) if (!known.includes(id)) await engine.getImage(id).remove()
  }
}
