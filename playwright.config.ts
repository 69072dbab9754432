import { defineConfig } from '@playwright/test'

const underCli = process.env.NCMC_RUN_HANDLE !== undefined
/** This file is loaded as source in the repository and compiled from the package. */
const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
const reportDir = process.env.NCMC_PLAYWRIGHT_REPORT_DIR
const blobFile = process.env.NCMC_PLAYWRIGHT_BLOB_FILE

/** One configuration for `npx playwright test` here and, compiled, for the CLI anywhere. */
export default defineConfig({
  testDir: './suites',
  testMatch: /.*\.spec\.[jt]s$/,
  globalSetup: `./fixtures/global-setup.${extension}`,
  fullyParallel: true,
  // A verdict that changes on a second run is a finding, not noise.
  retries: 0,
  forbidOnly: true,
  preserveOutput: 'never',
  reporter: [
    [`./fixtures/cell-reporter.${extension}`],
    ...(reportDir === undefined ? [] : ([['html', { outputFolder: reportDir, open: 'never' }]] as const)),
    ...(blobFile === undefined ? [] : ([['blob', { outputFile: blobFile }]] as const)),
    ...(underCli ? [] : ([['list']] as const)),
  ],
})
