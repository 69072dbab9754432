import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { packageFile } from '../../src/package-root.js'

// Stand-ins with the two places that the patches look for; the real files are the apps' own.
const DISCOVERY = `<?php
$discoveryPayload = [
    'issuer' => $issuer,
    'token_endpoint' => $token,
];
`
const BACKEND = `<?php
if ($oidcProviderUserId !== null) {
\treturn $oidcProviderUserId;
}
`

describe('patches', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ncmc-test-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function patched(name: string, path: string, source: string, env = {}): Promise<string> {
    const file = join(folder, path)
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, source)
    for (let time = 0; time < 2; time++) {
      execFileSync('sh', [packageFile(`docker/nextcloud/patches/${name}.sh`)], {
        cwd: folder,
        env: { PATH: process.env['PATH'], ...env },
        stdio: 'pipe',
      })
    }
    return readFile(file, 'utf8')
  }
  const discoveryPath = 'custom_apps/oidc/lib/Util/DiscoveryGenerator.php'
  const backendPath = 'custom_apps/user_oidc/lib/User/Backend.php'

  it('adds S256 to the discovery document once', async () => {
    const text = await patched('discovery-s256', discoveryPath, DISCOVERY)
    expect(text).toContain("= [\n'code_challenge_methods_supported' => ['S256'],\n    'issuer' => $issuer,")
    expect(text.match(/code_challenge_methods_supported/g)).toHaveLength(1)
  })
  it('leaves a version alone that has it', async () => {
    const source = DISCOVERY.replace(
      "'token_endpoint'",
      "'code_challenge_methods_supported' => $x, 'token_endpoint'",
    )
    expect(await patched('discovery-s256', discoveryPath, source)).toBe(source)
  })
  it('stops when it does not fit', async () => {
    await expect(patched('discovery-s256', discoveryPath, '<?php\n')).rejects.toThrow(/does not fit/)
  })
  it('sets the session flag once, and only when asked for', async () => {
    expect(await patched('session-flag', backendPath, BACKEND)).toBe(BACKEND)
    const text = await patched('session-flag', backendPath, BACKEND, { NCMC_SESSION_FLAG_PATCH: '1' })
    expect(text).toContain("$this->session->set('app_api', true);\n\treturn $oidcProviderUserId;")
    expect(text.match(/app_api/g)).toHaveLength(1)
  })
})
