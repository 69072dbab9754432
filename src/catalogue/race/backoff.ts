import { setTimeout as delay } from 'node:timers/promises'
import { HarnessError } from '../../errors.js'
import type { UpstreamRequest } from '../../nextcloud/nextcloud.js'
import { defineCheck, judge } from '../check.js'
import type { CheckContext, PrivateStack } from '../context.js'
import { Findings } from '../support/findings.js'
import { isLookAtClient } from '../support/own-client.js'

/** So many that growing pauses stand out from those of a busy machine. */
const FAILURES = 8
/** Fewer requests than this are no polling. */
const LEAST_POLLS = 3
const LONG_LAG_SECONDS = 600
const POLL_MS = 10
/** No server that pauses at all pauses less. */
const LEAST_PAUSE_MS = 25
/** Who pauses so long from the beginning need not pause longer. */
const CEILING_MS = 1_000
const LEAST_GROWTH = 1.5
/** How long the requests are watched after the success. */
const AFTERWARDS_MS = 300

/** What a server asked again and again until it had what it wanted. */
interface Polling {
  readonly what: string
  readonly polls: number
  /** Pauses between the requests that had no success. */
  readonly gapsMs: readonly number[]
  readonly requestsAfterSuccess: number
}

/** A Nextcloud that is slow to come up is not helped by a thousand requests. */
export const backoff = defineCheck({
  id: 'race.mitigation.backoff',
  suite: 'race',
  title: 'What a starting server polls, it polls with growing pauses, and no more once it has it',
  level: 'SHOULD',
  source: [{ document: 'project', clause: 'polls have growing pauses' }],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-hot-poll-loop' }],
  timeoutMs: 60_000,
  async run(ctx) {
    // Real waits, as the pauses of the server are what is judged; both are watched at the same time.
    const pollings = (await Promise.all([watchDiscovery(ctx), watchClient(ctx)])).filter(
      ({ polls }) => polls >= LEAST_POLLS,
    )
    if (pollings.length === 0) {
      return {
        kind: 'not-applicable',
        reason: 'the server polls neither a failing discovery document nor its fresh client',
      }
    }
    const findings = new Findings()
    for (const polling of pollings) {
      const { what, gapsMs, requestsAfterSuccess } = polling
      const observed = { what, gapsMs }
      if (Math.min(...gapsMs) < LEAST_PAUSE_MS) {
        findings.add({
          id: 'polls-without-pause',
          message: 'the server polls without a pause',
          expected: `pauses of ${LEAST_PAUSE_MS} ms at least`,
          observed,
        })
      } else if (!grows(gapsMs)) {
        findings.add({
          id: 'pauses-do-not-grow',
          message: 'the pauses between polls do not grow',
          expected: `growth by ${LEAST_GROWTH}, or ${CEILING_MS} ms from the beginning`,
          observed,
        })
      }
      if (requestsAfterSuccess > 0) {
        findings.add({
          id: 'polls-after-success',
          message: 'the server goes on polling what it has',
          expected: 0,
          observed: { what, requestsAfterSuccess },
        })
      }
    }
    return judge(findings.list(), pollings)
  },
})

/** The discovery document fails some times, then is there. */
async function watchDiscovery(ctx: CheckContext): Promise<Polling> {
  const stack = await ctx.privateStack()
  const { twin } = stack.nextcloud
  twin.inject({ scope: 'discovery', kind: 'status-500', times: FAILURES })
  await launchOrGiveUp(stack)
  const isDiscovery = ({ path }: UpstreamRequest): boolean => path.endsWith('/openid-configuration')
  const failed = twin.requests().filter((request) => isDiscovery(request) && request.status === 500)
  return pollingOf('the discovery document', failed, stack, isDiscovery)
}

/** The server's fresh client is unknown for some looks, then known. */
async function watchClient(ctx: CheckContext): Promise<Polling> {
  const stack = await ctx.privateStack({ lag: { clientMs: LONG_LAG_SECONDS * 1_000 } })
  const { twin, clock } = stack.nextcloud
  const launch = { isOver: false }
  const launching = launchOrGiveUp(stack).finally(() => {
    launch.isOver = true
  })
  while (!launch.isOver && twin.requests().filter(isLookAtClient).length < FAILURES) await delay(POLL_MS)
  const failed = twin.requests().filter(isLookAtClient)
  clock.shift(LONG_LAG_SECONDS)
  await launching
  return pollingOf('its fresh client', failed, stack, isLookAtClient)
}

/** A server may end where another one polls; whether it may, other checks judge. */
async function launchOrGiveUp(stack: PrivateStack): Promise<void> {
  try {
    await stack.launch('oauth')
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error
  }
}

async function pollingOf(
  what: string,
  failed: readonly UpstreamRequest[],
  { nextcloud: { twin } }: PrivateStack,
  isPoll: (request: UpstreamRequest) => boolean,
): Promise<Polling> {
  const before = twin.requests().length
  await delay(AFTERWARDS_MS)
  return {
    what,
    polls: failed.length,
    gapsMs: failed.slice(1).map(({ atMs }, index) => atMs - (failed[index]?.atMs ?? atMs)),
    requestsAfterSuccess: twin.requests().slice(before).filter(isPoll).length,
  }
}

function grows(gapsMs: readonly number[]): boolean {
  const first = Math.min(...gapsMs.slice(0, 3))
  const last = Math.max(...gapsMs.slice(-3))
  return first >= CEILING_MS || last >= first * LEAST_GROWTH
}
