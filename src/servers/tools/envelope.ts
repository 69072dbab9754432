import * as z from 'zod'

/** Members that results of most tools begin with. */
export const envelope = { success: z.boolean(), timestamp: z.string().describe('RFC 3339, UTC') }

/** The envelope of a result that is made now. */
export function stamped(): { success: boolean; timestamp: string } {
  return { success: true, timestamp: new Date().toISOString() }
}
