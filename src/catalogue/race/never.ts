import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { HarnessError } from '../../errors.js'
import { defineCheck, judge } from '../check.js'
import type { CheckContext } from '../context.js'
import { readClientFiles, type ClientFile } from '../support/client-files.js'
import { Findings } from '../support/findings.js'
import {
  countRegistrations,
  isLookAtClient,
  isRegistration,
  namedClients,
  refusedUses,
  REGISTERS_NOTHING,
  useOwnClient,
} from '../support/own-client.js'

const LAGS_MS = [0, 300]
const LONG_LAG_SECONDS = 600
const POLL_MS = 10
/** A server that does not look at its client is killed so long after the registration. */
const PATIENCE_MS = 300
const LEAST_SECRET_LENGTH = 8
const SECRET_PARAMETER = /(?:^|&)(?:client_secret|registration_access_token|access_token)=/

/** What no start may do, however late Nextcloud shows the client. */
export const never = defineCheck({
  id: 'race.never',
  suite: 'race',
  title:
    'A start registers once, uses one known client, keeps its secret out of URLs, and survives being killed',
  level: 'MUST',
  source: [
    { document: 'project', clause: 'one start, one client' },
    { document: 'RFC6749', clause: '2.3.1' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'process', 'twin'],
  mutants: [
    {
      id: 's-double-register',
      alsoRed: ['registration.store.expired', 'registration.store.concurrent-start'],
    },
  ],
  timeoutMs: 60_000,
  async run(ctx) {
    const findings = new Findings()
    const [killed, ...starts] = await Promise.all([
      killWhileWaiting(ctx, findings),
      ...LAGS_MS.map((lagMs) => watchLag(ctx, lagMs, findings)),
    ])
    if (starts.every(({ registrations }) => registrations === 0)) return REGISTERS_NOTHING
    return judge(findings.list(), { starts, killed })
  },
})

async function watchLag(
  ctx: CheckContext,
  lagMs: number,
  findings: Findings,
): Promise<{ lagMs: number; registrations: number; clients: number }> {
  const stack = await ctx.privateStack({ lag: { clientMs: lagMs } })
  const { twin } = stack.nextcloud
  const folder = await stack.temporaryFolder()
  const { url } = await stack.launch('oauth', { folder })
  // Nobody else asks this Nextcloud anything: the users' tokens are honoured without a client.
  const ready = twin.requests().length
  await useOwnClient(ctx, stack, url)
  await useOwnClient(ctx, stack, url)
  const requests = twin.requests()
  const registrations = countRegistrations(requests)
  const clients = namedClients(requests.slice(ready))
  const refused = refusedUses(requests.slice(ready))
  if (refused.length > 0) {
    findings.add({
      id: 'unknown-client-used',
      message: 'after its readiness the server uses a client that Nextcloud does not know yet',
      observed: { lagMs, refused: refused.map(({ path, status }) => `${path} ${status}`) },
    })
  }
  if (registrations > 1) {
    findings.add({
      id: 'registered-several-times',
      message: 'one start registers several clients',
      expected: 1,
      observed: { lagMs, registrations },
    })
  }
  if (clients.length > 1) {
    findings.add({
      id: 'several-clients-used',
      message: 'one instance uses several clients at a time',
      expected: 1,
      observed: { lagMs, clients: clients.length },
    })
  }
  const secrets = (await readClientFiles(folder)).flatMap(secretsOf)
  for (const secret of secrets) ctx.secret('client_secret', secret)
  const leaky = requests.filter(
    ({ path, query }) =>
      SECRET_PARAMETER.test(query) || secrets.some((secret) => `${path}?${query}`.includes(secret)),
  )
  if (leaky.length > 0) {
    findings.add({
      id: 'secret-in-url',
      message: 'a secret is part of a URL',
      observed: { lagMs, paths: [...new Set(leaky.map(({ path }) => path))] },
    })
  }
  return { lagMs, registrations, clients: clients.length }
}

function secretsOf({ json }: ClientFile): string[] {
  return Object.entries(json ?? {}).flatMap(([name, value]) =>
    /secret$|token$/.test(name) && typeof value === 'string' && value.length >= LEAST_SECRET_LENGTH
      ? [value]
      : [],
  )
}

/** Kills a server that waits for its client, and starts it again in the same folder. */
async function killWhileWaiting(ctx: CheckContext, findings: Findings): Promise<string> {
  const stack = await ctx.privateStack({ lag: { clientMs: LONG_LAG_SECONDS * 1_000 } })
  const { twin, clock } = stack.nextcloud
  const folder = await stack.temporaryFolder()
  const killer = new AbortController()
  const launch = { isOver: false }
  const launching = stack
    .launch('oauth', { folder, process: true, killed: killer.signal })
    .catch((error: unknown) => {
      if (!(error instanceof HarnessError)) throw error
    })
    .finally(() => {
      launch.isOver = true
    })
  const isWaiting = (): boolean => {
    const registration = twin.requests().find(isRegistration)
    if (registration === undefined) return false
    return twin.requests().some(isLookAtClient) || clock.nowMs() - registration.atMs > PATIENCE_MS
  }
  while (!launch.isOver && !isWaiting()) await delay(POLL_MS)
  killer.abort()
  await launching
  const torn = await tornFiles(folder)
  if (torn.length > 0) {
    findings.add({
      id: 'half-written-file',
      message: 'a server that is killed while it waits for its client leaves a half-written file',
      observed: torn,
    })
  }
  // On another Nextcloud, where no client of the next start is late.
  const next = await ctx.privateStack()
  try {
    const { server } = await next.launch('oauth', { folder })
    await server.stop()
    return 'starts again'
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error
    findings.add({
      id: 'no-start-after-kill',
      message: 'after it was killed while it waited for its client, the server does not start',
      observed: error.code,
    })
    return 'does not start again'
  }
}

/** Names of the files in a folder that begin as JSON and do not end so, drafts included. */
async function tornFiles(folder: string): Promise<string[]> {
  const torn: string[] = []
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile()) continue
    const text = await readFile(join(folder, entry.name), 'utf8')
    if (text.trimStart().startsWith('{') && !isJson(text)) torn.push(entry.name)
  }
  return torn
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
