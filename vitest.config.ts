import { defineConfig } from 'vitest/config'

/** Tests that drive whole stacks over real sockets; see docs/decisions/0006. */
const STACK_TESTS = ['tests/catalogue/**/*.test.ts', 'tests/stack/**/*.test.ts']

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
          exclude: STACK_TESTS,
          setupFiles: ['tests/setup/network-guard.ts', 'tests/setup/fuzz-seed.ts'],
        },
      },
      {
        extends: true,
        test: { name: 'stack', include: STACK_TESTS, setupFiles: ['tests/setup/loopback-guard.ts'] },
      },
    ],
  },
})
