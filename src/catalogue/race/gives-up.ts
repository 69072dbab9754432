import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { countRegistrations, isLookAtClient, REGISTERS_NOTHING } from '../support/own-client.js'
import { attemptStart } from '../support/start-attempt.js'

const ENDLESS_LAG_MS = 3_600_000
/** The start-up window is for starts on which everything goes well; waiting out a lag may take a few times as long. */
const WINDOWS = 3
const WARNING =
  /warn|may fail|not (?:yet )?(?:seen|visible|known|shown|propagated)|does not (?:show|know)|gave up|giving up|timed? ?out|continuing|unknown client/i

/** A server that waits for ever looks as dead as one that crashed, and tells less. */
export const givesUp = defineCheck({
  id: 'race.mitigation.gives-up',
  suite: 'race',
  title: 'A server whose fresh client never becomes known goes on with a warning, or ends with a message',
  level: 'SHOULD',
  source: [{ document: 'project', clause: 'a fresh client is not waited for without end' }],
  modes: ['oauth'],
  needs: ['launch', 'process', 'twin'],
  mutants: [{ id: 's-endless-propagation-wait' }],
  timeoutMs: 120_000,
  async run(ctx) {
    const stack = await ctx.privateStack({ lag: { clientMs: ENDLESS_LAG_MS } })
    const boundMs = WINDOWS * ctx.windows.startupTimeoutMs
    // A real wait, as long as the server's patience: its own clock counts it.
    const attempt = await attemptStart(stack, 'oauth', {}, { startupTimeoutMs: boundMs })
    const requests = stack.nextcloud.twin.requests()
    if (countRegistrations(requests) === 0) {
      return attempt.kind === 'started'
        ? REGISTERS_NOTHING
        : notTestable('the server does not start, and did not come to registering a client')
    }
    const looks = requests.filter(isLookAtClient).length
    const log = attempt.log()
    const observed = { start: attempt.kind, looks, log: log.slice(-5) }
    const findings: Finding[] = []
    if (attempt.kind === 'hung') {
      findings.push({
        id: 'waits-without-end',
        message: 'the server waits for its client and neither answers nor ends',
        expected: `readiness or an end within ${boundMs} ms`,
        observed,
      })
    }
    if (attempt.kind === 'ended' && attempt.exitCode === 0) {
      findings.push({ id: 'ends-as-if-well', message: 'the server ends with exit code 0', observed })
    }
    if (attempt.kind === 'ended' && log.every((line) => line.trim() === '')) {
      findings.push({
        id: 'ends-without-a-word',
        message: 'the server ends and does not say why',
        observed,
      })
    }
    // Who never looked cannot know.
    if (attempt.kind === 'started' && looks > 1 && !log.some((line) => WARNING.test(line))) {
      findings.push({
        id: 'goes-on-without-a-word',
        message: 'the server gives up waiting for its client and does not say so',
        expected: 'a warning in the log',
        observed,
      })
    }
    return judge(findings, observed)
  },
})
