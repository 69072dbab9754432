import type { NextcloudUser } from '../../../src/nextcloud/nextcloud.js'

/** Who Nextcloud says a user with Basic credentials is; the status when it refuses. */
export async function whoAmI(
  baseUrl: string,
  user: Pick<NextcloudUser, 'userId' | 'password'>,
): Promise<string | number> {
  const response = await fetch(`${baseUrl}/ocs/v2.php/cloud/user?format=json`, {
    headers: {
      'OCS-APIRequest': 'true',
      Authorization: `Basic ${Buffer.from(`${user.userId}:${user.password}`).toString('base64')}`,
    },
  })
  if (!response.ok) return response.status
  const body = (await response.json()) as { ocs: { data: { id: string } } }
  return body.ocs.data.id
}

export async function discovery(baseUrl: string): Promise<Record<string, unknown>> {
  const response = await fetch(`${baseUrl}/.well-known/openid-configuration`)
  return (await response.json()) as Record<string, unknown>
}
