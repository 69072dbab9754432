import { observedVerdict, verdictsUnder } from './catalogue-verdicts.js'
import type { SelfTestAnswer, SelfTestRequest, SelfTestResponse, SelfTestWork } from './self-test-pool.js'

/** A process of the self-test: does one piece of work after the other. It ends when the process that started it goes away. */
process.on('message', ({ id, work }: SelfTestRequest) => {
  void answer(work).then(
    (answered) => respond({ id, ...answered }),
    (error: unknown) => respond({ id, failure: error instanceof Error ? error.message : String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))

async function answer(work: SelfTestWork): Promise<SelfTestAnswer> {
  if (work.kind === 'observed')
    return { observed: await observedVerdict(work.cell, work.profile, work.mutants) }
  return { verdicts: await verdictsUnder(work.mutants, work.profile, work.cells) }
}

function respond(response: SelfTestResponse): void {
  process.send?.(response)
}
