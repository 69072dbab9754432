import { defineConfig } from '@playwright/test'
import type { NextcloudMcpOptions } from 'nc-mcp-conformance/playwright'

// Without stackOptions the embedded Nextcloud and both reference servers are started. Yours would be:
//   use: { stackOptions: { targets: { oauth: { kind: 'command', command: 'node /my/server.js --port {port}' } } } }
export default defineConfig<object, NextcloudMcpOptions>({
  testDir: './tests',
  use: { userAgentKind: 'http' },
})
