import { getContainerRuntimeClient, type ContainerRuntimeClient } from 'testcontainers'
import { HarnessError } from '../../errors.js'

export type Engine = ContainerRuntimeClient['container']['dockerode']

export interface EngineInfo {
  /** E.g. `20.10.24`. */
  readonly version: string
  readonly operatingSystem: string
}

const WITHOUT_ENGINE = 'use --nextcloud embedded, which needs none'

/**
 * The container engine of this machine, as Testcontainers finds it (DOCKER_HOST, the usual sockets).
 *
 * @param alternative what works without an engine, for the error message.
 * @throws {HarnessError} `NCMC_DOCKER_MISSING` with the fix.
 */
export async function connectEngine(alternative = WITHOUT_ENGINE): Promise<Engine> {
  return (await runtimeClient(alternative)).container.dockerode
}

/**
 * What the engine says about itself.
 *
 * @throws {HarnessError} `NCMC_DOCKER_MISSING` with the fix.
 */
export async function findEngine(): Promise<EngineInfo> {
  const { serverVersion, operatingSystem } = (await runtimeClient()).info.containerRuntime
  return { version: String(serverVersion), operatingSystem }
}

async function runtimeClient(alternative = WITHOUT_ENGINE): Promise<ContainerRuntimeClient> {
  try {
    return await getContainerRuntimeClient()
  } catch (cause) {
    throw new HarnessError(
      'NCMC_DOCKER_MISSING',
      `no container engine answers: start Docker (or set DOCKER_HOST to one that runs), or ${alternative}`,
      { cause },
    )
  }
}

const OTHER_NEXTCLOUD = 'name another one with --nextcloud-image, or use --nextcloud embedded'

/**
 * Makes sure that an image is here; pulls it when it is not.
 *
 * @param alternative what else can be done, for the error message.
 * @returns its id, `sha256:…`
 * @throws {HarnessError} `NCMC_IMAGE_MISSING` when it cannot be pulled.
 */
export async function ensureImage(
  image: string,
  stage?: (text: string) => void,
  alternative = OTHER_NEXTCLOUD,
): Promise<string> {
  const client = await runtimeClient()
  const inspect = async (): Promise<string | undefined> => {
    try {
      return (await client.container.dockerode.getImage(image).inspect()).Id
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw error
    }
  }
  const present = await inspect()
  if (present !== undefined) return present
  stage?.(`pulling ${image}`)
  try {
    const stream = await client.container.dockerode.pull(image)
    await new Promise<void>((resolve, reject) => {
      client.container.dockerode.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()))
    })
  } catch (cause) {
    throw new HarnessError(
      'NCMC_IMAGE_MISSING',
      `the image ${image} is not on this machine and could not be pulled; pull or build it, ${alternative}`,
      { cause },
    )
  }
  const pulled = await inspect()
  if (pulled === undefined)
    throw new HarnessError('NCMC_IMAGE_MISSING', `the image ${image} is not there after it was pulled`)
  return pulled
}

/** HTTP status of an engine's answer, when the error is one. */
export function statusOf(error: unknown): number | undefined {
  return error instanceof Error && 'statusCode' in error && typeof error.statusCode === 'number'
    ? error.statusCode
    : undefined
}
