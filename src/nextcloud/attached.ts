import { HarnessError } from '../errors.js'
import type { Nextcloud, NextcloudInfo, NextcloudUser } from './nextcloud.js'

const TIMEOUT_MS = 10_000

export interface AttachOptions {
  /** Base URL, with or without trailing slash. */
  readonly url: string
  readonly users: Readonly<Record<'alice' | 'bob', NextcloudUser>>
}

/**
 * Uses a Nextcloud that already runs and that we do not own: nothing of it is changed but what a run must
 * create (clients, notes of the two users).
 *
 * @throws {HarnessError} `NCMC_NEXTCLOUD_UNREACHABLE` when nothing answers, `NCMC_NEXTCLOUD_UNSUITABLE` when
 * what answers is no installed Nextcloud with the oidc app and dynamic registration.
 */
export async function attachNextcloud(options: AttachOptions): Promise<Nextcloud> {
  const baseUrl = options.url.replace(/\/+$/, '')
  const status = await getJson(`${baseUrl}/status.php`, baseUrl)
  if (status.installed !== true) {
    throw unsuitable(`${baseUrl} answers, but is no installed Nextcloud (status.php)`, 'check --nextcloud')
  }
  if (status.maintenance === true)
    throw unsuitable(`${baseUrl} is in maintenance mode`, 'run occ maintenance:mode --off')
  const discovery = await getJson(`${baseUrl}/.well-known/openid-configuration`, baseUrl)
  if (typeof discovery.authorization_endpoint !== 'string') {
    throw unsuitable(`${baseUrl} has no OpenID discovery document`, 'install and enable the oidc app')
  }
  if (discovery.issuer !== baseUrl && discovery.issuer !== `${baseUrl}/`) {
    throw unsuitable(
      `the instance calls itself ${JSON.stringify(discovery.issuer)}, not ${baseUrl}`,
      'attach it by the URL that its issuer names',
    )
  }
  const version = typeof status.versionstring === 'string' ? status.versionstring : 'unknown'
  const info: NextcloudInfo = { version, apps: {} }
  return {
    kind: 'attached',
    baseUrl,
    internalUrl: baseUrl,
    users: options.users,
    info: () => Promise.resolve(info),
    stop: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  }
}

async function getJson(url: string, baseUrl: string): Promise<Record<string, unknown>> {
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) }).catch((cause: unknown) => {
    throw new HarnessError(
      'NCMC_NEXTCLOUD_UNREACHABLE',
      `nothing answers at ${baseUrl}; is it running, is --nextcloud right?`,
      {
        cause,
      },
    )
  })
  const text = await response.text()
  try {
    const value: unknown = JSON.parse(text)
    if (response.ok && typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // Falls through to the same answer as JSON of the wrong shape.
  }
  throw unsuitable(
    `${new URL(url).pathname} of ${baseUrl} answers ${response.status} without JSON`,
    'check --nextcloud and the oidc app',
  )
}

function unsuitable(what: string, fix: string): HarnessError {
  return new HarnessError('NCMC_NEXTCLOUD_UNSUITABLE', `${what}; ${fix}`)
}
