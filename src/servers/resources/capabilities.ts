import type { Resource } from './resource.js'

/** What the Nextcloud offers to this user: versions and enabled apps. */
export const capabilitiesResource: Resource = {
  uri: 'nc://capabilities',
  name: 'nc_get_capabilities',
  title: 'Nextcloud capabilities',
  description: 'Version and enabled apps of the Nextcloud instance.',
  mimeType: 'application/json',
  read: async (nextcloud) =>
    (await nextcloud.requestJson({ path: '/ocs/v2.php/cloud/capabilities?format=json' })).json,
}
