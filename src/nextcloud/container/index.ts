import type { ContainerNextcloud } from './container.js'
import type { ContainerOptions } from './options.js'

export type { ContainerNextcloud } from './container.js'

/**
 * Starts a real Nextcloud in a container, sets it up and verifies it; from a snapshot when one fits. Needs a
 * container engine; Testcontainers is loaded only now.
 *
 * @throws {UsageError} for options that cannot work.
 * @throws {HarnessError} `NCMC_DOCKER_MISSING`, `NCMC_IMAGE_MISSING`, `NCMC_CONTAINER_FAILED`,
 * `NCMC_NEXTCLOUD_UNSUITABLE`, `NCMC_APP_ARCHIVE`, `NCMC_PORT_IN_USE`; the signal's reason when it is aborted. Nothing
 * is left behind then.
 */
export async function startContainerNextcloud(options: ContainerOptions = {}): Promise<ContainerNextcloud> {
  const { startContainer } = await import('./container.js')
  return startContainer(options)
}
