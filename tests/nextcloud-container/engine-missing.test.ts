import { expect, it, vi } from 'vitest'
import { startContainerNextcloud } from '../../src/nextcloud/container/index.js'

vi.mock('testcontainers', async (original) => ({
  ...(await original<Record<string, unknown>>()),
  getContainerRuntimeClient: () =>
    Promise.reject(new Error('Could not find a working container runtime strategy')),
}))

it('says in one message what to do without a container engine', async () => {
  await expect(startContainerNextcloud()).rejects.toMatchObject({
    code: 'NCMC_DOCKER_MISSING',
    exitCode: 3,
    message: expect.stringMatching(/^no container engine answers: start Docker .*--nextcloud embedded/),
  })
})
