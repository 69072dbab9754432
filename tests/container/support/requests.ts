import type { Nextcloud, NextcloudUser } from '../../../src/nextcloud/nextcloud.js'
import { mintTokens } from '../../../src/oauth/tokens.js'
import { createHttpUserAgent } from '../../../src/user-agent/http.js'

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

/** Status of the Notes API for a bearer token of alice's and nothing else that would prove a client. */
export async function notesStatus({ baseUrl, users }: Pick<Nextcloud, 'baseUrl' | 'users'>): Promise<number> {
  await using userAgent = createHttpUserAgent()
  const { tokens } = await mintTokens({ issuer: baseUrl, user: users.alice, userAgent })
  const { status } = await fetch(`${baseUrl}/index.php/apps/notes/api/v1/notes`, {
    headers: { Authorization: `Bearer ${tokens.access_token}` },
  })
  return status
}
