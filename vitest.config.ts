import { defineConfig } from 'vitest/config'

/** Tests that drive whole stacks over real sockets; see docs/decisions/0006. */
const STACK_TESTS = ['tests/catalogue/**/*.test.ts', 'tests/stack/**/*.test.ts']

/** Tests on a container engine, one file after the other: they look at everything that is on it. */
const CONTAINER_TESTS = ['tests/container/**/*.test.ts']

export default defineConfig({
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    retry: 0,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['tests/**/*.test.ts'],
          exclude: [...STACK_TESTS, ...CONTAINER_TESTS],
          setupFiles: ['tests/setup/network-guard.ts', 'tests/setup/fuzz-seed.ts'],
        },
      },
      {
        extends: true,
        test: { name: 'stack', include: STACK_TESTS, setupFiles: ['tests/setup/loopback-guard.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'container',
          include: CONTAINER_TESTS,
          setupFiles: ['tests/setup/loopback-guard.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
})
