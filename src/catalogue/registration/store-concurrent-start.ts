import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext, PrivateStack } from '../context.js'
import { readClientFiles, watchWholeness } from '../support/client-files.js'
import { Findings } from '../support/findings.js'
import {
  countRegistrations,
  REGISTERS_NOTHING,
  reusesStoredClient,
  watchStart,
} from '../support/own-client.js'

/** Few are enough: the file is watched while it is written, so that nothing depends on who comes first. */
const ROUNDS = 4
const INSTANCES = 2

interface Round {
  readonly registrations: number
  readonly ready: number
  readonly tornFiles: readonly string[]
  /** Registrations of the single start afterwards. */
  readonly laterRegistrations: number
}

/** Containers of one deployment share a volume and start together. */
export const storeConcurrentStart = defineCheck({
  id: 'registration.store.concurrent-start',
  suite: 'registration',
  title: 'Two servers that start at once on one client file both become ready and leave a file that is whole',
  level: 'SHOULD',
  source: [{ document: 'project', clause: 'the client file is replaced in one step' }],
  modes: ['oauth'],
  // Containers get a copy of the file each.
  needs: ['launch', 'process', 'twin'],
  mutants: [{ id: 's-nonatomic-store-write' }],
  timeoutMs: 90_000,
  async run(ctx) {
    const stack = await ctx.privateStack()
    const rounds: Round[] = []
    for (let count = 0; count < ROUNDS; count += 1) rounds.push(await startAtOnce(ctx, stack))
    if (rounds.every(({ registrations, ready }) => registrations === 0 && ready === INSTANCES)) {
      return REGISTERS_NOTHING
    }
    const findings = new Findings()
    for (const { registrations, ready, tornFiles, laterRegistrations } of rounds) {
      if (tornFiles.length > 0) {
        findings.add({
          id: 'file-torn',
          message: 'while two instances start, the client file is not whole at times',
          expected: 'a whole JSON document at any moment',
          observed: tornFiles,
        })
      }
      if (ready < INSTANCES) {
        findings.add({
          id: 'instance-not-ready',
          message: 'one of two instances that start at once does not become ready',
          expected: INSTANCES,
          observed: ready,
        })
      }
      if (registrations > INSTANCES) {
        findings.add({
          id: 'too-many-registrations',
          message: 'two instances that start at once register more than two clients',
          expected: `at most ${INSTANCES}`,
          observed: registrations,
        })
      }
      if (laterRegistrations > 0) {
        findings.add({
          id: 'file-not-reused',
          message: 'the client file that two instances left is not used at the next start',
          expected: 0,
          observed: laterRegistrations,
        })
      }
    }
    const found = findings.list()
    if (found.length > 0 && found.every(({ id }) => id === 'file-not-reused')) {
      if (!(await reusesStoredClient(ctx))) {
        return notTestable('positive control: the file of a single instance is not used again either')
      }
    }
    return judge(found, { rounds: rounds.length, registrations: rounds.map((round) => round.registrations) })
  },
})

async function startAtOnce(ctx: CheckContext, stack: PrivateStack): Promise<Round> {
  const { twin } = stack.nextcloud
  const folder = await stack.temporaryFolder()
  const env = { NEXTCLOUD_MCP_SERVER_URL: 'http://127.0.0.1:9' }
  twin.clearRequests()
  const watch = watchWholeness(folder)
  const starts = await Promise.allSettled(
    Array.from({ length: INSTANCES }, () => stack.launch('oauth', { folder, env })),
  )
  const servers = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value.server] : []))
  const tornFiles = await watch.stop()
  await Promise.all(servers.map((server) => server.stop()))
  const registrations = countRegistrations(twin.requests())
  const [stored] = await readClientFiles(folder)
  const later = await watchStart(ctx, stack, folder)
  return {
    registrations,
    ready: servers.length,
    tornFiles,
    laterRegistrations: stored === undefined && registrations === 0 ? 0 : later.registrations,
  }
}
