import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../../errors.js'
import { hashPassword } from '../embedded/password-hash.js'
import { DEFAULT_PROFILE, PROFILE_NAMES, PROFILES, type Profile } from '../embedded/profiles.js'
import { BUNDLED_APPS } from './app-folders.js'
import { readState, writeState, type ImageState } from './image-state.js'

/** Environment of a process of the image. */
export type ImageEnv = Readonly<Record<string, string | undefined>>

/**
 * The profile that NCMC_PROFILE names; default `oidc-2.0.9`.
 *
 * @throws {UsageError} when there is no such profile.
 */
export function profileOf(env: ImageEnv): Profile {
  const wanted = env['NCMC_PROFILE'] ?? ''
  const name = wanted === '' ? DEFAULT_PROFILE : PROFILE_NAMES.find((known) => known === wanted)
  if (name === undefined) {
    throw new UsageError('NCMC_USAGE', `NCMC_PROFILE must be one of ${PROFILE_NAMES.join(', ')}`)
  }
  return PROFILES[name]
}

/** Nextcloud's version in four parts, e.g. `32.0.2.2`. */
export function fullVersion(profile: Profile): string {
  return `${profile.nextcloudVersion}.2`
}

/**
 * Installs: files that say so, and a state with the administrator of NEXTCLOUD_ADMIN_USER and NEXTCLOUD_ADMIN_PASSWORD,
 * who has no rights here beyond those of a user.
 *
 * @throws {UsageError} when there is a state already, or no name or password.
 */
export function install(webRoot: string, env: ImageEnv): void {
  const user = env['NEXTCLOUD_ADMIN_USER'] ?? ''
  const password = env['NEXTCLOUD_ADMIN_PASSWORD'] ?? ''
  if (user === '' || password === '') {
    throw new UsageError('NCMC_USAGE', 'NEXTCLOUD_ADMIN_USER and NEXTCLOUD_ADMIN_PASSWORD are needed')
  }
  if (readState(webRoot) !== undefined) throw new UsageError('NCMC_USAGE', 'Nextcloud is already installed')
  const profile = profileOf(env)
  for (const folder of ['config', 'custom_apps', 'apps', 'data']) {
    mkdirSync(join(webRoot, folder), { recursive: true })
  }
  const files = {
    'version.php': `<?php\n$OC_Version = [${fullVersion(profile).replaceAll('.', ', ')}];\n$OC_VersionString = '${profile.nextcloudVersion}';\n`,
    occ: '#!/usr/bin/env php\n<?php\n// The php of this image runs its own occ instead.\n',
    'data/nextcloud.log': '',
  }
  for (const [path, text] of Object.entries(files)) writeFileSync(join(webRoot, path), text)
  const state: ImageState = {
    schema: 1,
    version: fullVersion(profile),
    users: { [user]: { displayName: user, email: '', passwordHash: hashPassword(password) } },
    appConfig: { core: { instanceid: `oc${randomBytes(5).toString('hex')}` } },
    system: { trusted_domains: { 0: 'localhost' }, datadirectory: join(webRoot, 'data'), installed: true },
    apps: Object.fromEntries(
      Object.entries(BUNDLED_APPS).map(([appId, version]) => [appId, { version, enabled: true }]),
    ),
    preferences: {},
  }
  writeState(webRoot, state)
}
