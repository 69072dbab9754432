import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { setTimeout } from 'node:timers/promises'
import { UsageError } from '../../errors.js'
import { createTemporaryFolder } from '../../temporary-folder.js'
import type { Nextcloud, NextcloudAdmin, NextcloudUser } from '../nextcloud.js'
import { collectArchives } from './app-archives.js'
import { startDatabase, type StartedDatabase } from './database.js'
import { connectEngine, ensureImage, type Engine } from './engine.js'
import { chooseImages, majorVersionOf } from './image.js'
import { outputOf } from './logs.js'
import { createRunNetwork, NEXTCLOUD_ALIAS } from './network.js'
import { startNextcloudContainer } from './nextcloud-container.js'
import { createOcc, type Occ } from './occ.js'
import { appsOf, defaultUsers, type ContainerOptions } from './options.js'
import { RUN_LABEL } from './owner.js'
import { unlessAborted } from './polling.js'
import { startPrefixProxy } from './prefix-proxy.js'
import { removeOurs } from './removal.js'
import { checkReplicaOptions, startReplica, type DatabaseReplica } from './replica.js'
import { applyOptions, applyPublicUrl, makeFirstRequests, readFromReplica, renewPasswords } from './set-up.js'
import { commitUnnamed, hasSnapshot, nameImage, packWebRoot, snapshotKey, snapshotNames } from './snapshot.js'
import { sweepContainers } from './sweep.js'
import { verifyNextcloud } from './verify.js'

/** A Nextcloud in a container that we own: administered through occ, without a twin and without a settable clock. */
export interface ContainerNextcloud extends Nextcloud {
  readonly kind: 'container'
  readonly admin: NextcloudAdmin
  readonly networkName: string
  readonly networkUrl: string
  readonly startedFrom: 'image' | 'snapshot'
  readonly occ: Occ
  /** When there is one. Everything that reads is behind by its delay: occ and {@link admin}, too. */
  readonly replica?: DatabaseReplica
  /** Everybody who was asked for; {@link Nextcloud.users} has the two that checks know by name. */
  readonly allUsers: readonly NextcloudUser[]
  /** The last lines of nextcloud.log and of the container's output. Secrets are not removed. */
  logs(): Promise<string>
}

const LOG_LINES = 200
/** How long the web server may remember app configuration, whatever occ has changed since (Nextcloud's AppConfig). */
const APP_CONFIG_CACHE_MS = 3_000

/** See `startContainerNextcloud`. */
export async function startContainer(options: ContainerOptions): Promise<ContainerNextcloud> {
  const users = options.users ?? defaultUsers()
  const pathPrefix = normalizePrefix(options.pathPrefix ?? '')
  const named = { alice: userNamed(users, 'alice'), bob: userNamed(users, 'bob') }
  checkReplicaOptions(options)
  const engine = await connectEngine()
  await sweepContainers()

  const run = randomBytes(6).toString('hex')
  const cleanUps: (() => Promise<void>)[] = [
    async () => {
      await removeOurs(engine, (labels) => labels[RUN_LABEL] === run)
      // What processes of ours left that ended before us.
      await sweepContainers()
    },
  ]
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => {
    stopping ??= (async () => {
      for (const cleanUp of cleanUps.reverse()) await cleanUp()
    })()
    return stopping
  }
  try {
    return await build({ options, users, named, pathPrefix, engine, run, cleanUps, stop })
  } catch (error) {
    await stop()
    throw error
  }
}

interface Build {
  readonly options: ContainerOptions
  readonly users: readonly NextcloudUser[]
  readonly named: Nextcloud['users']
  readonly pathPrefix: string
  readonly engine: Engine
  readonly run: string
  readonly cleanUps: (() => Promise<void>)[]
  readonly stop: () => Promise<void>
}

async function build(input: Build): Promise<ContainerNextcloud> {
  const { options, users, named, pathPrefix, engine, run, cleanUps, stop } = input
  const { signal, database = 'sqlite' } = options
  const withSignal = signal === undefined ? {} : { signal }
  const stage = (text: string): void => {
    signal?.throwIfAborted()
    options.stage?.(text)
  }

  const images = chooseImages(options)
  const imageIds: string[] = []
  for (const image of [images.nextcloud, images.database, images.redis]) {
    if (image !== undefined) imageIds.push(await unlessAborted(ensureImage(image, options.stage), signal))
  }
  const folder = await createTemporaryFolder()
  cleanUps.push(() => rm(folder, { recursive: true, force: true }))
  const archives = await collectArchives(
    appsOf(options),
    folder,
    await majorVersionOf(engine, images.nextcloud, options.version),
  )
  const names = snapshotNames(await snapshotKey({ imageIds, options, users, pathPrefix, archives }))
  const fromSnapshot =
    options.fresh !== true && (await hasSnapshot(engine, names, { withDatabase: database !== 'sqlite' }))

  stage(fromSnapshot ? 'starting Nextcloud from a snapshot' : `starting ${images.nextcloud}`)
  const networkName = await createRunNetwork(engine, run)
  let databaseServer: StartedDatabase | undefined
  if (database !== 'sqlite') {
    databaseServer = await startDatabase({
      engine,
      kind: database,
      isSnapshot: fromSnapshot,
      image: fromSnapshot ? names.database : (images.database as string),
      redisImage: images.redis as string,
      binaryLog: options.replica !== undefined,
      networkName,
      run,
      ...withSignal,
    })
    stage(`${database} is ready`)
  }
  const { container, port, version } = await startNextcloudContainer({
    engine,
    run,
    networkName,
    options,
    archives,
    image: images.nextcloud,
    ...(fromSnapshot ? { snapshot: names.nextcloud } : {}),
    ...(databaseServer === undefined ? {} : { database: databaseServer }),
    // With a prefix the public port is the proxy's.
    ...(options.port === undefined || pathPrefix !== '' ? {} : { port: options.port }),
  })
  stage('Nextcloud answers')
  const occ = createOcc(container)
  let publicPort = port
  if (pathPrefix !== '') {
    const proxy = await startPrefixProxy(pathPrefix, port, options.port ?? 0)
    cleanUps.push(() => proxy.close())
    publicPort = proxy.port
  }
  const baseUrl = `http://localhost:${publicPort}${pathPrefix}`
  const logs = async (): Promise<string> => {
    const file = await container
      .exec(['sh', '-c', `tail -n ${LOG_LINES} /var/www/html/data/nextcloud.log 2>/dev/null`])
      .catch(() => ({ stdout: '' }))
    return `${await outputOf(engine, container.getId(), LOG_LINES)}\n${file.stdout}`
  }

  const unnamed: { id: string; name: string }[] = []
  if (fromSnapshot) {
    await Promise.all([renewPasswords(occ, users), applyPublicUrl(occ, baseUrl)])
  } else {
    await applyOptions(occ, options, users, pathPrefix)
    await makeFirstRequests(`http://127.0.0.1:${port}`, users)
    if (options.fresh !== true) {
      stage('taking a snapshot')
      await packWebRoot(container)
      unnamed.push({ id: await commitUnnamed(engine, container.getId(), run), name: names.nextcloud })
      if (databaseServer !== undefined) {
        const id = await commitUnnamed(engine, databaseServer.container.getId(), run)
        unnamed.push({ id, name: names.database })
      }
    }
    await applyPublicUrl(occ, baseUrl)
  }
  stage('verifying')
  try {
    await verifyNextcloud({ baseUrl, alice: named.alice, logs, ...withSignal })
  } catch (error) {
    // What does not work must not be found again.
    for (const { id } of unnamed)
      await engine
        .getImage(id)
        .remove()
        .catch(() => undefined)
    throw error
  }
  for (const { id, name } of unnamed) await nameImage(engine, id, name)
  let replica: DatabaseReplica | undefined
  if (options.replica !== undefined && databaseServer !== undefined) {
    stage('starting the replica')
    replica = await startReplica({
      engine,
      image: images.database as string,
      primary: databaseServer.container,
      networkName,
      run,
      delaySeconds: options.replica.delaySeconds,
      ...withSignal,
    })
    await readFromReplica(container)
  }

  return {
    kind: 'container',
    baseUrl,
    internalUrl: baseUrl,
    networkName,
    networkUrl: `http://${NEXTCLOUD_ALIAS}`,
    startedFrom: fromSnapshot ? 'snapshot' : 'image',
    users: named,
    allUsers: users,
    occ,
    ...(replica === undefined ? {} : { replica }),
    admin: {
      setAppConfig: async (app, key, value) => {
        await occ.setAppConfig(app, key, value)
        await setTimeout(APP_CONFIG_CACHE_MS, undefined, withSignal)
      },
      setUserPassword: (userId, password) => occ.setUserPassword(userId, password),
      createUser: (user) => occ.putUser(user),
    },
    info: async () => ({ version, apps: await occ.enabledApps() }),
    logs,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

function userNamed(users: readonly NextcloudUser[], userId: string): NextcloudUser {
  const user = users.find((candidate) => candidate.userId === userId)
  if (user === undefined) {
    throw new UsageError('NCMC_USAGE', `the users of a Nextcloud in a container must include ${userId}`)
  }
  return user
}

/** `cloud/` and `/cloud` are the same prefix. */
function normalizePrefix(prefix: string): string {
  const segments = prefix.split('/').filter((segment) => segment !== '')
  const wrong = segments.find((segment) => !/^[A-Za-z0-9._~-]+$/.test(segment) || /^\.+$/.test(segment))
  if (wrong !== undefined) {
    throw new UsageError('NCMC_USAGE', 'the path prefix may have letters, digits and . _ ~ - between slashes')
  }
  return segments.map((segment) => `/${segment}`).join('')
}
