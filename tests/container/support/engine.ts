import { describe } from 'vitest'
import { connectEngine, type Engine } from '../../../src/nextcloud/container/engine.js'
import { LABEL } from '../../../src/nextcloud/container/owner.js'

// The reaper's image cannot be pulled everywhere, and our own sweep is what is tested here.
process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true'

/** The image of the embedded Nextcloud, or the official one: see scripts/build-test-images.sh. */
export const IMAGE = process.env['NCMC_TEST_IMAGE'] ?? 'ncmc-embedded:test'

/** The image of the reference servers. */
export const SERVER_IMAGE = process.env['NCMC_TEST_SERVER_IMAGE'] ?? 'ncmc-mcp-server:test'

/** For the CLI, which refuses variables with our prefix that it does not know; empty ones count as absent. */
export const WITHOUT_TEST_VARIABLES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /^NCMC_(TEST|REQUIRE)_/.test(name))
    .map((name) => [name, '']),
)

async function whatIsMissing(images: readonly string[]): Promise<string | undefined> {
  try {
    const engine = await connectEngine()
    for (const image of images) await engine.getImage(image).inspect()
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** `describe`, skipped where there is no engine or not all of the images; the script makes them. */
export async function describeWith(
  images: readonly string[],
  script: string,
): Promise<(name: string, body: () => void) => void> {
  const missing = await whatIsMissing(images)
  if (missing !== undefined) {
    const text = `container tests cannot run (${missing}): start Docker and run ${script}`
    if (process.env['NCMC_REQUIRE_DOCKER'] === '1') throw new Error(text)
    console.warn(`\n*** SKIPPED: ${text} ***\n`)
  }
  return (name, body) => describe.skipIf(missing !== undefined)(name, body)
}

/** `describe`, skipped where there is no engine or no image. */
export const describeOnEngine = await describeWith([IMAGE], 'scripts/build-test-images.sh')

export interface Inventory {
  readonly containers: readonly string[]
  readonly networks: readonly string[]
  readonly volumes: readonly string[]
}

/** Everything on the engine, whoever it belongs to: `docker ps -a`, networks, volumes. */
export async function inventory(): Promise<Inventory> {
  const engine = await connectEngine()
  const containers = await engine.listContainers({ all: true })
  const networks = await engine.listNetworks()
  const { Volumes } = await engine.listVolumes()
  return {
    containers: containers.map(({ Id }) => Id).sort(),
    networks: networks.map(({ Id }) => Id).sort(),
    volumes: Volumes.map(({ Name }) => Name).sort(),
  }
}

/** Containers of ours, whatever their state. */
export async function ourContainers(engine: Engine): Promise<Awaited<ReturnType<Engine['listContainers']>>> {
  return engine.listContainers({ all: true, filters: { label: [LABEL] } })
}

/** What is there now and was not before. Others may use the engine too, so what has gone says nothing. */
export async function newSince(before: Inventory): Promise<Inventory> {
  const now = await inventory()
  const added = (kind: keyof Inventory): string[] => now[kind].filter((id) => !before[kind].includes(id))
  return { containers: added('containers'), networks: added('networks'), volumes: added('volumes') }
}

export const NOTHING: Inventory = { containers: [], networks: [], volumes: [] }
