import { createWriteStream } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { HarnessError, UsageError, quoteUntrusted } from '../../errors.js'
import type { AppSpec } from './options.js'

const APP_STORE = 'https://apps.nextcloud.com'
const TIMEOUT_MS = 120_000

/**
 * The archives of the apps that are not simply the newest of the app store: the user's own, and downloads of a
 * chosen version.
 *
 * @param folder where downloads are put.
 * @param platform Nextcloud's major version, e.g. `32`: the store lists releases by it.
 * @returns app id to path.
 * @throws {UsageError|HarnessError} `NCMC_APP_ARCHIVE`.
 */
export async function collectArchives(
  apps: readonly AppSpec[],
  folder: string,
  platform: string,
  store = APP_STORE,
): Promise<Record<string, string>> {
  const archives: Record<string, string> = {}
  for (const { id, version, archive } of apps) {
    if (archive !== undefined) archives[id] = await readable(id, archive)
    else if (version !== undefined) archives[id] = await download(id, version, folder, platform, store)
  }
  return archives
}

async function readable(id: string, archive: string): Promise<string> {
  await access(archive).catch((cause: unknown) => {
    throw new UsageError('NCMC_APP_ARCHIVE', `--app ${id}=${archive}: the file cannot be read`, { cause })
  })
  return archive
}

async function download(
  id: string,
  version: string,
  folder: string,
  platform: string,
  store: string,
): Promise<string> {
  const list = await get(`${store}/api/v1/platform/${platform}.0.0/apps.json`, id)
  const apps = (await list.json()) as { id: string; releases: { version: string; download: string }[] }[]
  const releases = apps.find((app) => app.id === id)?.releases ?? []
  const release = releases.find((candidate) => candidate.version === version)
  if (release === undefined) {
    const known = releases.map((candidate) => candidate.version).slice(0, 8)
    throw new UsageError(
      'NCMC_APP_ARCHIVE',
      `--app ${id}@${version}: the app store has no such release for Nextcloud ${platform}; it has ${known.join(', ') || 'none of this app'}. Give an archive: --app ${id}=<file.tar.gz>`,
    )
  }
  const path = join(folder, `${id}.tar.gz`)
  const response = await get(release.download, id)
  await pipeline(
    Readable.fromWeb(response.body as Parameters<typeof Readable.fromWeb>[0]),
    createWriteStream(path),
  )
  return path
}

async function get(url: string, id: string): Promise<Response> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (response.ok && response.body !== null) return response
    throw new Error(`answered ${response.status}`)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new HarnessError(
      'NCMC_APP_ARCHIVE',
      `the app ${id} cannot be downloaded (${quoteUntrusted(reason, 120)}); give an archive: --app ${id}=<file.tar.gz>`,
      { cause },
    )
  }
}
