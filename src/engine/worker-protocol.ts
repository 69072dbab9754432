import type { Result } from '../report/model.js'

/** Environment variable in which the run handle (secret) reaches Playwright's processes. */
export const RUN_HANDLE_VARIABLE = 'NCMC_RUN_HANDLE'

/** Name of the Playwright attachment that carries a cell's result from its worker to our reporter. */
export const CELL_ATTACHMENT = 'ncmc-cell'

/** What our Playwright reporter sends to the process that started the run. */
export interface CellMessage {
  readonly type: 'ncmc-cell'
  readonly result: Result
  /** File name → PNG in Base64. */
  readonly screenshots: Readonly<Record<string, string>>
  readonly staleDeviations: readonly { check: string; finding: string; profile: string }[]
}

export function isCellMessage(message: unknown): message is CellMessage {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ncmc-cell'
}
