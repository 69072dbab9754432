import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext, PrivateStack } from '../context.js'
import { readClientFiles, type ClientFile } from '../support/client-files.js'
import { Findings } from '../support/findings.js'
import { namedClients, REGISTERS_NOTHING, useOwnClient, watchStart } from '../support/own-client.js'
import { attemptStart } from '../support/start-attempt.js'

const STACK_TRACE = /^\s+at .*:\d+:\d+\)?$|Traceback \(most recent call last\)|^\s+File "[^"]+", line \d+/m

/** One way in which the client file is not what the server left. */
interface Damage {
  readonly name: string
  /** What is in the file's place; `undefined` for a folder. */
  readonly content: string | undefined
  /** The `client_id` in it, which nobody registered. */
  readonly canary: string
}

/** A full disk, a killed process or an editor leaves such files, and somebody has to start the server all the same. */
export const storeCorrupt = defineCheck({
  id: 'registration.store.corrupt',
  suite: 'registration',
  title: 'A client file that cannot be read makes the server register anew, or end with a clear message',
  level: 'MUST',
  source: [{ document: 'project', clause: 'an unreadable client file counts for nothing' }],
  modes: ['oauth'],
  needs: ['launch', 'process', 'twin'],
  mutants: [{ id: 's-crash-on-corrupt-store' }],
  timeoutMs: 90_000,
  async run(ctx) {
    const stack = await ctx.privateStack()
    const home = await stack.temporaryFolder()
    const whole = await watchStart(ctx, stack, home)
    if (whole.registrations === 0) return REGISTERS_NOTHING
    const [file] = await readClientFiles(home)
    if (file === undefined) {
      return { kind: 'not-applicable', reason: 'the server leaves no client file in its working folder' }
    }
    const control = await attemptStart(stack, 'oauth', {})
    if (control.kind !== 'started') {
      return notTestable('positive control: without a client file the server does not start either')
    }
    await control.target.server.stop()
    const findings = new Findings()
    const observed: Record<string, string> = {}
    await Promise.all(
      damagesOf(file).map(async (damage) => {
        const { what, found } = await startDamaged(ctx, stack, file.name, damage, whole.reception)
        observed[damage.name] = what
        for (const finding of found) findings.add({ ...finding, observed: `${damage.name}: ${what}` })
      }),
    )
    return judge(findings.list(), observed)
  },
})

async function startDamaged(
  ctx: CheckContext,
  stack: PrivateStack,
  fileName: string,
  { content, canary }: Damage,
  usualReception: string,
): Promise<{ what: string; found: Finding[] }> {
  const folder = await stack.temporaryFolder()
  const path = join(folder, fileName)
  if (content === undefined) await mkdir(path)
  else await writeFile(path, content, { mode: 0o600 })
  const attempt = await attemptStart(stack, 'oauth', {}, { folder })
  const found: Finding[] = []
  let what: string
  switch (attempt.kind) {
    case 'hung':
      what = 'neither answers nor ends'
      found.push({ id: 'neither-serves-nor-ends', message: 'the server neither answers nor ends' })
      break
    case 'ended':
      what = `ends with exit code ${attempt.exitCode ?? 'none'}`
      if (attempt.exitCode === 0) {
        found.push({ id: 'ends-as-if-well', message: 'the server ends with exit code 0' })
      }
      if (attempt.log().every((line) => line.trim() === '')) {
        found.push({ id: 'ends-without-a-word', message: 'the server ends and does not say why' })
      }
      break
    case 'started': {
      const { reception } = await useOwnClient(ctx, stack, attempt.target.url)
      what = `starts, a good token is ${reception}`
      if (reception !== usualReception) {
        found.push({
          id: 'starts-without-usable-client',
          message: 'the server starts, but not with a client that it can use',
          expected: usualReception,
        })
      }
      await attempt.target.server.stop()
    }
  }
  if (STACK_TRACE.test(attempt.log().join('\n'))) {
    what += ', with a stack trace in the log'
    found.push({ id: 'stack-trace-in-log', message: 'the log shows a stack trace' })
  }
  if (namedClients(stack.nextcloud.twin.requests()).includes(canary)) {
    what += ', and sends what the file held'
    found.push({ id: 'old-content-sent', message: 'content of the unreadable file is sent to Nextcloud' })
  }
  return { what, found }
}

function damagesOf({ text, json }: ClientFile): Damage[] {
  const half = (whole: string): string => whole.slice(0, whole.length / 2)
  const damages: Damage[] = [
    { name: 'an empty file', content: '', canary: 'none' },
    { name: 'a folder in its place', content: undefined, canary: 'none' },
  ]
  if (json === undefined)
    return [...damages, { name: 'half of the file', content: half(text), canary: 'none' }]
  const withCanary = (canary: string): Record<string, unknown> =>
    changed(json, (key, value) => (key === 'client_id' && typeof value === 'string' ? canary : value))
  return [
    ...damages,
    {
      name: 'half of the file',
      content: half(JSON.stringify(withCanary('canary-half'), null, 2)),
      canary: 'canary-half',
    },
    {
      name: 'wrong types',
      content: JSON.stringify(
        changed(withCanary('canary-types'), (key, value) => (key === 'client_id' ? value : otherType(value))),
      ),
      canary: 'canary-types',
    },
    {
      name: 'no client_secret',
      content: JSON.stringify(
        changed(withCanary('canary-missing'), (key, value) => (key === 'client_secret' ? undefined : value)),
      ),
      canary: 'canary-missing',
    },
  ]
}

/** A copy in which every member that is no object is what `change` makes of it. */
function changed(
  object: Readonly<Record<string, unknown>>,
  change: (key: string, value: unknown) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [
      key,
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? changed(value as Readonly<Record<string, unknown>>, change)
        : change(key, value),
    ]),
  )
}

function otherType(value: unknown): unknown {
  return typeof value === 'string' ? 12_345 : 'text'
}
