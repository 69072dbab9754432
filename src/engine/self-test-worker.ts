import { catalogueVerdicts } from './catalogue-verdicts.js'
import type { VerdictsRequest, VerdictsResponse } from './self-test-pool.js'

/**
 * A process of the self-test: answers each request with the verdicts of the whole catalogue. It ends when the
 * process that started it goes away.
 */
process.on('message', (request: VerdictsRequest) => {
  void catalogueVerdicts(request.mutants, request.profile).then(
    (verdicts) => respond({ id: request.id, verdicts }),
    (error: unknown) =>
      respond({ id: request.id, failure: error instanceof Error ? error.message : String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))

function respond(response: VerdictsResponse): void {
  process.send?.(response)
}
