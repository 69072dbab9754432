import { setTimeout as delay } from 'node:timers/promises'
import { defineCheck, notTestable, satisfied, violated } from '../check.js'
import type { UpstreamRequest } from '../../nextcloud/nextcloud.js'
import type { PrivateStack } from '../context.js'
import {
  isLookAtClient,
  isRegistration,
  namedClients,
  refusedUses,
  REGISTERS_NOTHING,
  useOwnClient,
} from '../support/own-client.js'

/** Longer than any start takes on a busy machine; nobody waits for its end. */
const LAG_MS = 10_000
/** So many looks at one client that is not known yet, or tries with it, show that a server waits for it. */
const LOOKS = 3
const POLL_MS = 10

/** The discovery document is the same before and after a registration: 200 says nothing about the client. */
export const discoveryPollIsNoEvidence = defineCheck({
  id: 'race.mitigation.discovery-poll-is-no-evidence',
  suite: 'race',
  title:
    'A server takes more than an answer of the discovery document for proof that its fresh client is known',
  level: 'SHOULD',
  source: [{ document: 'project', clause: 'a fresh client is known when Nextcloud shows it' }],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-discovery-poll-only' }],
  async run(ctx) {
    const stack = await ctx.privateStack({ lag: { clientMs: LAG_MS } })
    const { twin, clock } = stack.nextcloud
    let readyAtMs: number | undefined
    const launching = stack.launch('oauth').finally(() => {
      readyAtMs = clock.nowMs()
    })
    const [{ url }] = await Promise.all([
      launching,
      skipLagOnce(stack, isLookAtClient, () => readyAtMs !== undefined),
    ])
    const registration = twin.requests().find(isRegistration)
    if (registration === undefined) return REGISTERS_NOTHING
    const readyAfterMs = Math.round((readyAtMs ?? clock.nowMs()) - registration.atMs)
    const observed = { lagMs: LAG_MS, readyAfterMs, looks: twin.requests().filter(isLookAtClient).length }
    if (readyAfterMs >= LAG_MS) return satisfied(observed)
    // Ready early is well as long as the first use can wait.
    const answer = { isThere: false }
    const using = useOwnClient(ctx, stack, url).finally(() => {
      answer.isThere = true
    })
    const [first] = await Promise.all([using, skipLagOnce(stack, isUse, () => answer.isThere)])
    if (first.reception === 'accepted') return satisfied({ ...observed, firstUse: first })
    clock.shift(LAG_MS / 1_000)
    const later = await useOwnClient(ctx, stack, url)
    if (later.reception !== 'accepted') {
      return notTestable(`positive control: a token is ${later.reception} after the lag, too`)
    }
    return violated({
      id: 'ready-without-evidence',
      message: 'the server is ready before its client is known, and refuses its first user',
      expected: 'readiness after the client is known, or a first use that waits for it',
      observed: { ...observed, firstUse: first },
    })
  },
})

/** What a server does that waits for its client need not be waited for: the lag ends once it has tried some times. */
async function skipLagOnce(
  { nextcloud: { twin, clock } }: PrivateStack,
  isTry: (request: UpstreamRequest) => boolean,
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const tries = new Map<string, number>()
    for (const request of twin.requests().filter(isTry)) {
      const [client = ''] = namedClients([request])
      tries.set(client, (tries.get(client) ?? 0) + 1)
    }
    if ([...tries.values()].some((count) => count >= LOOKS)) {
      clock.shift(LAG_MS / 1_000)
      return
    }
    await delay(POLL_MS)
  }
}

function isUse(request: UpstreamRequest): boolean {
  return refusedUses([request]).length > 0
}
