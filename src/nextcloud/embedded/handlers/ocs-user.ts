import type { EmbeddedContext } from '../context.js'
import type { NextcloudUser } from '../../nextcloud.js'
import { fileTreeOf, sizeOf } from '../file-tree.js'

/** The `data` of `GET /ocs/v2.php/cloud/user`: an account that nobody has filled in. Times are seconds. */
export function userRecord(
  ctx: EmbeddedContext,
  user: NextcloudUser & { readonly lastLoginSeconds: number },
): Record<string, unknown> {
  return {
    enabled: true,
    id: user.userId,
    firstLoginTimestamp: Number(ctx.store.appConfig.get(`login/firstLogin/${user.userId}`) ?? 0),
    lastLoginTimestamp: user.lastLoginSeconds,
    lastLogin: user.lastLoginSeconds * 1000,
    backend: 'Database',
    subadmin: [],
    quota: { free: -3, used: sizeOf(fileTreeOf(ctx, user.userId).root), total: -3, relative: 0, quota: -3 },
    manager: '',
    avatarScope: 'v2-federated',
    email: user.email,
    emailScope: 'v2-federated',
    additional_mail: [],
    additional_mailScope: [],
    displayname: user.displayName,
    'display-name': user.displayName,
    displaynameScope: 'v2-federated',
    ...emptyProperties([
      'phone',
      'address',
      'website',
      'twitter',
      'bluesky',
      'fediverse',
      'organisation',
      'role',
      'headline',
      'biography',
    ]),
    profile_enabled: '1',
    profile_enabledScope: 'v2-local',
    pronouns: '',
    pronounsScope: 'v2-federated',
    groups: [],
    language: 'en',
    locale: '',
    timezone: 'UTC',
    notify_email: null,
    backendCapabilities: { setDisplayName: true, setPassword: true },
  }
}

function emptyProperties(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => [
      [name, ''],
      [`${name}Scope`, 'v2-local'],
    ]),
  )
}
