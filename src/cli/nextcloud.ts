import { HarnessError } from '../errors.js'
import { NEXTCLOUD_MUTANTS, type NextcloudMutant } from '../nextcloud/embedded/mutants.js'
import type { ControlAddress } from '../nextcloud/embedded/server.js'
import { PROFILE_NAMES } from '../nextcloud/embedded/profiles.js'
import type { PruneReport } from '../nextcloud/container/sweep.js'
import type { Nextcloud, NextcloudUser } from '../nextcloud/nextcloud.js'
import type { Command } from './command.js'
import { CONTAINER_FLAGS, containerOf } from './nextcloud-container.js'
import { FAULT_FLAGS, faultsFlag, lagFlag } from './fault-flags.js'
import { choiceFlag, choicesFlag, portFlag } from './flags.js'
import { whenAborted } from './io.js'

const MUTANTS = Object.keys(NEXTCLOUD_MUTANTS) as NextcloudMutant[]

/** Keeps a Nextcloud running, embedded or in a container. Prints its users' passwords: that is what it is for. */
export const nextcloudCommand: Command = {
  name: 'nextcloud',
  summary: 'keep a Nextcloud running, embedded or in a container, and print how to use it',
  actions: ['prune'],
  flags: [
    {
      name: 'port',
      type: 'string',
      description: 'port on 127.0.0.1; 0 picks a free one',
      placeholder: '<n>',
      defaultText: '0',
    },
    {
      name: 'profile',
      type: 'string',
      description: 'release of the oidc app that it plays',
      choices: PROFILE_NAMES,
      defaultText: PROFILE_NAMES[0],
    },
    { name: 'consent', type: 'boolean', description: 'show the consent page; --no-consent leaves it out' },
    {
      name: 'mutant',
      type: 'array',
      description: 'switch on a deliberate fault (repeatable)',
      placeholder: '<id>',
    },
    ...FAULT_FLAGS,
    {
      name: 'control',
      type: 'boolean',
      description:
        'open the control API on a loopback port of its own, and print its secret (docs/control-api.md)',
    },
    ...CONTAINER_FLAGS,
    { name: 'json', type: 'boolean', description: 'print one line of JSON' },
  ],
  examples: [
    [
      'nextcloud --port 8080',
      'users alice and bob; NCMC_ALICE_PASSWORD and NCMC_BOB_PASSWORD choose passwords',
    ],
    ['nextcloud --no-consent --json', 'for a script'],
    [
      'nextcloud --container --port 8080',
      'a real one, for --nextcloud http://localhost:8080 in other terminals',
    ],
    ['nextcloud prune', 'removes the containers, networks, volumes and snapshots of --nextcloud container'],
    ['nextcloud --lag replica=2000', 'the registration race of a read replica that is two seconds behind'],
    ['nextcloud --lag token=log-normal:300:0.5 --seed 7', 'random delays, the same in every run'],
    ['nextcloud --fault notes=status-429,times=3 --fault webdav=slow,delay-ms=5000,user=bob', 'faults'],
    ['nextcloud --control', 'faults, clock, keys and users can be changed while it runs'],
  ],
  async run({ flags, env, io, services }) {
    if (flags['action'] === 'prune') {
      io.stdout.write(pruned(await services.pruneContainers(), flags['json'] === true))
      return 0
    }
    const profile = choiceFlag(flags, 'profile', PROFILE_NAMES)
    const mutants = choicesFlag(flags, 'mutant', MUTANTS, 'list them with `nc-mcp-conformance list`')
    const port = portFlag(flags)
    const faults = faultsFlag(flags)
    const lag = lagFlag(flags)
    const users = chosenUsers(env)
    const container = await containerOf({ flags, env, io, port, ...(users === undefined ? {} : { users }) })
    const nextcloud: Running =
      container === undefined
        ? await services
            .startEmbeddedNextcloud({
              port,
              mutants,
              ...(faults.length === 0 ? {} : { faults }),
              ...(lag === undefined ? {} : { lag }),
              ...(flags['control'] === true ? { control: true } : {}),
              ...(profile === undefined ? {} : { profile }),
              ...(users === undefined ? {} : { users }),
              ...(flags['consent'] === false ? { consent: false } : {}),
            })
            .catch((cause: unknown) => {
              throw isPortTaken(cause) ? portInUse(port, cause) : cause
            })
        : await services.startContainerNextcloud(container)
    try {
      io.stdout.write(flags['json'] === true ? asJson(nextcloud) : asText(nextcloud))
      await whenAborted(io.signal)
    } finally {
      await nextcloud.stop()
    }
    return 0
  },
}

function pruned(report: PruneReport, json: boolean): string {
  if (json) return `${JSON.stringify(report)}\n`
  const { containers, networks, volumes, images, inUse } = report
  return [
    `removed: ${containers} containers, ${networks} networks, ${volumes} volumes, ${images} snapshots`,
    ...(inUse === 0 ? [] : [`left alone: ${inUse} containers of processes that still run`]),
    '',
  ].join('\n')
}

type Running = Pick<Nextcloud, 'baseUrl' | 'users' | 'stop'> & {
  readonly control?: ControlAddress | undefined
  /** More than alice and bob, where there are more. */
  readonly allUsers?: readonly NextcloudUser[]
}

function asJson({ baseUrl, users, allUsers, control }: Running): string {
  const listed = (allUsers ?? Object.values(users)).map(({ userId, password }) => ({ userId, password }))
  return `${JSON.stringify({ url: baseUrl, users: listed, control })}\n`
}

function asText({ baseUrl, users, allUsers, control }: Running): string {
  return [
    `Nextcloud: ${baseUrl}`,
    ...(allUsers ?? Object.values(users)).flatMap(({ userId, password }) => [
      `user: ${userId}`,
      `password: ${password}`,
    ]),
    ...(control === undefined ? [] : [`control API: ${control.url}`, `control secret: ${control.secret}`]),
    '',
    'In another terminal, with NCMC_ALICE_PASSWORD and NCMC_BOB_PASSWORD set to these passwords:',
    `  nc-mcp-conformance token --nextcloud ${baseUrl} --user alice`,
    `  NEXTCLOUD_HOST=${baseUrl} nc-mcp-conformance serve --mode oauth --port 8001`,
    `  nc-mcp-conformance run --nextcloud ${baseUrl} --server-url oauth=http://127.0.0.1:8001/mcp`,
    `  curl -u ${users.alice.userId} -H 'OCS-APIRequest: true' '${baseUrl}/ocs/v2.php/cloud/user?format=json'`,
    ...(control === undefined
      ? []
      : [
          '  curl -H \'Authorization: Bearer <control secret>\' -d \'{"scope":"api","kind":"maintenance"}\' ' +
            `${control.url}/faults`,
        ]),
    '',
    'Ctrl-C stops it; nothing of it remains.',
    '',
  ].join('\n')
}

/** Passwords of the user's own choice, so that both terminals can know them; both or generated ones. */
function chosenUsers(env: NodeJS.ProcessEnv): readonly NextcloudUser[] | undefined {
  const alice = env['NCMC_ALICE_PASSWORD'] ?? ''
  const bob = env['NCMC_BOB_PASSWORD'] ?? ''
  if (alice === '' || bob === '') return undefined
  return [user('alice', 'Alice', alice), user('bob', 'Bob', bob)]
}

function user(userId: string, displayName: string, password: string): NextcloudUser {
  return { userId, displayName, password, email: `${userId}@example.org` }
}

function portInUse(port: number, cause: unknown): HarnessError {
  return new HarnessError(
    'NCMC_PORT_IN_USE',
    `--port ${port} is taken by another process; choose another one, or 0`,
    { cause },
  )
}

function isPortTaken(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
}
