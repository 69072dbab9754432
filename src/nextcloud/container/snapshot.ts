import { createHash } from 'node:crypto'
import { createReadStream, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { StartedTestContainer } from 'testcontainers'
import { HarnessError, quoteUntrusted } from '../../errors.js'
import { packageFile } from '../../package-root.js'
import type { NextcloudUser } from '../nextcloud.js'
import { statusOf, type Engine } from './engine.js'
import type { ContainerOptions } from './options.js'
import { LABEL, RUN_LABEL, type Labels } from './owner.js'

export const SNAPSHOT_REPOSITORY = 'nc-mcp-conformance-snapshot'
/** Raised whenever the set-up code changes what a snapshot holds. */
const SCHEMA = 2
/** The start that a snapshot was made by: the two images of one belong together. */
const MADE_BY_LABEL = 'nc-mcp-conformance.made-by'
const DOCKER_FOLDER = 'docker/nextcloud'

export interface SnapshotInput {
  /** Ids of the images that the start is made of. */
  readonly imageIds: readonly string[]
  readonly options: ContainerOptions
  readonly users: readonly NextcloudUser[]
  /** Normalised. */
  readonly pathPrefix: string
  /** Archives of apps, by app id: paths. */
  readonly archives: Readonly<Record<string, string>>
}

/**
 * Hash of everything that shapes an instance: images, Dockerfile, hooks and patches, options, users (without
 * passwords) and the archives' contents. Neither ports nor passwords: those are set at every start.
 */
export async function snapshotKey({
  imageIds,
  options,
  users,
  pathPrefix,
  archives,
}: SnapshotInput): Promise<string> {
  const hash = createHash('sha256')
  const add = (value: unknown): void => void hash.update(`${JSON.stringify(value)}\n`)
  add([SCHEMA, imageIds])
  for (const path of filesBelow(packageFile(DOCKER_FOLDER))) {
    add(path)
    hash.update(readFileSync(packageFile(join(DOCKER_FOLDER, path))))
  }
  const { database, rateLimit, bruteForceProtection, consent, sessionFlagPatch, oidcConfig, apps } = options
  add([
    database ?? 'sqlite',
    rateLimit ?? false,
    bruteForceProtection ?? false,
    consent ?? true,
    sessionFlagPatch ?? false,
    pathPrefix,
    // With its binary log, whatever the delay.
    options.replica !== undefined,
  ])
  add(Object.entries(oidcConfig ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)))
  add((apps ?? []).map(({ id, version }) => [id, version]))
  add(users.map(({ userId, displayName, email }) => [userId, displayName, email]))
  for (const [id, path] of Object.entries(archives)) add([id, await sha256OfFile(path)])
  return hash.digest('hex').slice(0, 24)
}

/** The image of a snapshot, and the one of its database. */
export function snapshotNames(key: string): { readonly nextcloud: string; readonly database: string } {
  return { nextcloud: `${SNAPSHOT_REPOSITORY}:${key}`, database: `${SNAPSHOT_REPOSITORY}:${key}-database` }
}

/**
 * Whether there is a whole snapshot. A database of another start, or of none, is as good as none: two processes that
 * make the same snapshot at the same time may leave the halves of two, and neither password opens the other's data.
 */
export async function hasSnapshot(
  engine: Engine,
  names: ReturnType<typeof snapshotNames>,
  { withDatabase }: { readonly withDatabase: boolean },
): Promise<boolean> {
  const labels = await labelsOf(engine, names.nextcloud)
  if (labels === undefined || !withDatabase) return labels !== undefined
  const madeBy = labels?.[MADE_BY_LABEL]
  return madeBy !== undefined && (await labelsOf(engine, names.database))?.[MADE_BY_LABEL] === madeBy
}

/** Null when the image has none, undefined when there is no such image. */
async function labelsOf(engine: Engine, name: string): Promise<Labels | null | undefined> {
  try {
    return (await engine.getImage(name).inspect()).Config.Labels
  } catch (error) {
    if (statusOf(error) === 404) return undefined
    throw error
  }
}

/**
 * Packs the web root: it is a volume, which a commit leaves out.
 *
 * @throws {HarnessError} `NCMC_CONTAINER_FAILED`.
 */
export async function packWebRoot(container: StartedTestContainer): Promise<void> {
  const { exitCode, output } = await container.exec(
    ['sh', '-c', 'rm -f /ncmc/admin-password && tar -cpf /ncmc/html.tar -C /var/www/html .'],
    { user: 'root' },
  )
  if (exitCode !== 0) {
    throw new HarnessError(
      'NCMC_CONTAINER_FAILED',
      `the snapshot could not be packed: ${quoteUntrusted(output)}`,
    )
  }
}

/** Commits a container of a run to an image without a name. @returns its id. */
export async function commitUnnamed(engine: Engine, containerId: string, run: string): Promise<string> {
  const changes = `LABEL ${LABEL}=snapshot ${RUN_LABEL}="" ${MADE_BY_LABEL}=${run}`
  const { Id } = (await engine.getContainer(containerId).commit({ changes })) as { Id: string }
  return Id
}

/** Gives a committed image its name: from now on it is found. */
export async function nameImage(engine: Engine, imageId: string, name: string): Promise<void> {
  const [repo = '', tag = ''] = name.split(':')
  await engine.getImage(imageId).tag({ repo, tag })
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort()
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
