import { setTimeout as delay } from 'node:timers/promises'
import { defineCheck, notTestable, satisfied, violated } from '../check.js'
import { isLookAtClient, isRegistration, REGISTERS_NOTHING, useOwnClient } from '../support/own-client.js'

const LAG_MS = 2_000
/** So many looks at a client that is not known yet show that a server waits for evidence. */
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
    const hasLooked = async (): Promise<boolean> => {
      while (readyAtMs === undefined) {
        if (twin.requests().filter(isLookAtClient).length >= LOOKS) return true
        await delay(POLL_MS)
      }
      return false
    }
    // A server that waits for evidence need not wait in real time.
    const [{ url }] = await Promise.all([
      launching,
      hasLooked().then((looked) => {
        if (looked) clock.shift(LAG_MS / 1_000)
      }),
    ])
    const registration = twin.requests().find(isRegistration)
    if (registration === undefined) return REGISTERS_NOTHING
    const readyAfterMs = Math.round((readyAtMs ?? clock.nowMs()) - registration.atMs)
    const observed = { lagMs: LAG_MS, readyAfterMs, looks: twin.requests().filter(isLookAtClient).length }
    if (readyAfterMs >= LAG_MS) return satisfied(observed)
    // Ready early is well as long as the first use can wait.
    const first = await useOwnClient(ctx, stack, url)
    if (first.reception === 'accepted') return satisfied({ ...observed, firstUse: first })
    clock.shift(LAG_MS / 1_000)
    const later = await useOwnClient(ctx, stack, url)
    if (later.reception !== 'accepted') {
      return notTestable(`positive control: a token is ${later.reception} after the lag, too`)
    }
    return violated({
      id: 'ready-without-evidence',
      message: 'the server is ready before its client is known, and refuses its first user',
      expected: `ready after ${LAG_MS} ms, or a first use that waits`,
      observed: { ...observed, firstUse: first },
    })
  },
})
