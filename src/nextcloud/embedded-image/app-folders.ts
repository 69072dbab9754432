import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Profile } from '../embedded/profiles.js'

/** Apps that come with every Nextcloud, with a version of release 32. */
export const BUNDLED_APPS: Readonly<Record<string, string>> = {
  cloud_federation_api: '1.16.0',
  dav: '1.34.2',
  federatedfilesharing: '1.22.0',
  files: '2.4.0',
  files_sharing: '1.24.1',
  files_versions: '1.25.0',
  firstrunwizard: '5.0.0',
  lookup_server_connector: '1.20.0',
  oauth2: '1.20.0',
  provisioning_api: '1.22.0',
  settings: '1.15.1',
  theming: '2.7.0',
  twofactor_backupcodes: '1.21.0',
  viewer: '5.0.0',
  workflowengine: '2.14.0',
}

const UNPROFILED_APPS = { calendar: '6.1.0', contacts: '8.1.0' }

/** Versions that the image's own "app store" has: those of the profile. */
export function storeVersions(profile: Profile): Readonly<Record<string, string>> {
  return { ...UNPROFILED_APPS, ...profile.apps }
}

/** The folder of an app, wherever it lies; `undefined` when there is none. */
export function appFolder(webRoot: string, appId: string): string | undefined {
  return ['custom_apps', 'apps'].map((parent) => join(webRoot, parent, appId)).find(existsSync)
}

/** The version that an app's own `appinfo/info.xml` tells. */
export function versionInFolder(folder: string): string | undefined {
  const file = join(folder, 'appinfo/info.xml')
  if (!existsSync(file)) return undefined
  return /<version>\s*([^<\s]+)\s*<\/version>/.exec(readFileSync(file, 'utf8'))?.[1]
}

/** Puts a stand-in of an app in place: its `info.xml`, and the few lines of PHP that patches look for. */
export function writeStandIn(webRoot: string, appId: string, version: string, profile: Profile): void {
  const folder = join(webRoot, 'custom_apps', appId)
  const files: Record<string, string> = {
    'appinfo/info.xml': `<?xml version="1.0"?>\n<info>\n  <id>${appId}</id>\n  <version>${version}</version>\n</info>\n`,
    ...(appId === 'oidc' ? { [DISCOVERY_FILE]: discoveryStandIn(!profile.quirks.noPkce) } : {}),
    ...(appId === 'user_oidc' ? { [BACKEND_FILE]: BACKEND_STAND_IN } : {}),
  }
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, '..'), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

/** What patches of an administrator made of the stand-ins. */
export interface AppliedPatches {
  readonly sessionFlagPatch: boolean
  readonly discoveryPkcePatch: boolean
}

/** Reads from the apps' files which patches were applied. */
export function appliedPatches(webRoot: string): AppliedPatches {
  const contains = (appId: string, path: string, wanted: string): boolean => {
    const folder = appFolder(webRoot, appId)
    const file = join(folder ?? '', path)
    return folder !== undefined && existsSync(file) && readFileSync(file, 'utf8').includes(wanted)
  }
  return {
    sessionFlagPatch: contains('user_oidc', BACKEND_FILE, "set('app_api', true)"),
    discoveryPkcePatch: contains('oidc', DISCOVERY_FILE, 'code_challenge_methods_supported'),
  }
}

const DISCOVERY_FILE = 'lib/Util/DiscoveryGenerator.php'
const BACKEND_FILE = 'lib/User/Backend.php'

function discoveryStandIn(withPkce: boolean): string {
  return `<?php
// A stand-in of nc-mcp-conformance: never run, only patched and read.
function document(string $base): array {
    return [
        'issuer' => $base,
${withPkce ? "        'code_challenge_methods_supported' => ['S256', 'plain'],\n" : ''}        'jwks_uri' => $base . '/apps/oidc/jwks',
    ];
}
`
}

const BACKEND_STAND_IN = `<?php
// A stand-in of nc-mcp-conformance: never run, only patched and read.
function userOfToken(string $token): string {
    $oidcProviderUserId = validate($token);
    return $oidcProviderUserId;
}
`
