import { readFileSync } from 'node:fs'
import { HarnessError } from '../../errors.js'
import { packageFile } from '../../package-root.js'
import type { Engine } from './engine.js'
import type { ContainerOptions, NextcloudVersion } from './options.js'

const DOCKERFILE = 'docker/nextcloud/Dockerfile'
const DEFAULT_VERSION = '32'

/** Images by the stage name that docker/nextcloud/Dockerfile gives them, e.g. `nextcloud-32`. */
export function pinnedImages(): ReadonlyMap<string, string> {
  const images = new Map<string, string>()
  for (const line of readFileSync(packageFile(DOCKERFILE), 'utf8').split('\n')) {
    const match = /^FROM\s+(\S+@sha256:[0-9a-f]{64})\s+AS\s+(\S+)\s*$/.exec(line)
    if (match !== null) images.set(match[2] as string, match[1] as string)
  }
  return images
}

/** The images of a start: what the user named, else the pinned ones. */
export interface ChosenImages {
  readonly nextcloud: string
  readonly database?: string
  readonly redis?: string
}

export function chooseImages(options: ContainerOptions): ChosenImages {
  const nextcloud = options.image ?? pinned(`nextcloud-${options.version ?? DEFAULT_VERSION}`)
  const { database = 'sqlite' } = options
  if (database === 'sqlite') return { nextcloud }
  return {
    nextcloud,
    database: options.databaseImage ?? pinned(database),
    redis: options.redisImage ?? pinned('redis'),
  }
}

function pinned(stage: string): string {
  const image = pinnedImages().get(stage)
  if (image === undefined) throw new HarnessError('NCMC_INTERNAL', `${DOCKERFILE} has no stage ${stage}`)
  return image
}

/**
 * Nextcloud's major version in an image, for what the app store has for it: what was asked for, or what the image says of
 * itself as the official one does (`NEXTCLOUD_VERSION`); 32 when it says nothing.
 */
export async function majorVersionOf(
  engine: Engine,
  image: string,
  asked: NextcloudVersion | undefined,
): Promise<string> {
  if (asked !== undefined) return asked
  // Null when the image sets none, whatever the type says.
  const env = (await engine.getImage(image).inspect()).Config.Env as readonly string[] | null
  const said = env
    ?.find((entry) => entry.startsWith('NEXTCLOUD_VERSION='))
    ?.slice('NEXTCLOUD_VERSION='.length)
  return /^\d+/.exec(said ?? '')?.[0] ?? DEFAULT_VERSION
}
