import { setupServer } from 'msw/node'
import { afterAll, afterEach, beforeAll } from 'vitest'

/**
 * No toolkit test may leave this machine: requests to loopback listeners that a test started pass, every
 * other request that no msw handler answers is an error.
 */
export const network = setupServer()

const LOOPBACK_HOSTS = new Set(['127.0.0.1', 'localhost', '[::1]'])

beforeAll(() => {
  network.listen({
    onUnhandledRequest(request, print) {
      if (!LOOPBACK_HOSTS.has(new URL(request.url).hostname)) print.error()
    },
  })
})
afterEach(() => {
  network.resetHandlers()
})
afterAll(() => {
  network.close()
})
