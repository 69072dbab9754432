import { NotTestableError } from '../catalogue/check.js'
import type { OwnNextcloud } from '../catalogue/context.js'
import { startContainerNextcloud } from '../nextcloud/container/index.js'
import type { ContainerOptions } from '../nextcloud/container/options.js'
import { startPrivateStack, type PrivateStackInput } from './private-stack.js'

/**
 * Starts a Nextcloud of the kind under test for one cell: what it changes there is seen by no other cell.
 *
 * @throws {NotTestableError} when the run's Nextcloud is attached, or runs in a container without a snapshot.
 */
export async function startOwnNextcloud(input: PrivateStackInput): Promise<OwnNextcloud> {
  const { handle, redactor, defer, createDriver } = input
  if (handle.nextcloud.kind === 'embedded') {
    const { nextcloud, oauth } = await startPrivateStack(input, {})
    return { nextcloud, oauth }
  }
  if (handle.nextcloud.container === undefined) {
    throw new NotTestableError('the Nextcloud under test is not ours to change')
  }
  const nextcloud = await startContainerNextcloud(presentMembers(handle.nextcloud.container))
  defer(() => nextcloud.stop())
  for (const user of nextcloud.allUsers) redactor.learnCredentials(user.userId, user.password)
  return {
    nextcloud,
    oauth: createDriver(nextcloud, () => undefined),
  }
}

/** A member that is `undefined` and one that is absent are the same in JSON, and not in {@link ContainerOptions}. */
function presentMembers(options: object): ContainerOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
