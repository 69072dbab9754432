import { NextcloudStatusError } from '../nextcloud-errors.js'
import { ToolError } from './tool.js'

/**
 * Gives the error statuses of Nextcloud the tool's own words.
 *
 * @param texts by status; every other status gets what `otherwise` says.
 * @throws {ToolError}
 */
export async function worded<T>(
  result: Promise<T>,
  texts: Readonly<Record<number, string>>,
  otherwise: (error: NextcloudStatusError) => string,
): Promise<T> {
  try {
    return await result
  } catch (error) {
    if (!(error instanceof NextcloudStatusError)) throw error
    throw new ToolError(texts[error.status] ?? otherwise(error), { cause: error })
  }
}

const SUMMARIES: Readonly<Record<number, string>> = {
  400: 'Nextcloud does not accept the request',
  403: 'Access denied',
  404: 'Not found',
  405: 'Not possible there',
  409: 'Conflict',
  412: 'Changed since it was read, or there already',
  413: 'Too large',
  415: 'Nextcloud does not accept this content',
  423: 'Locked',
  507: 'No space left',
}

/**
 * The usual words for an error status: what went wrong, with what, and the status. Texts of a tool's own win.
 *
 * @param what the thing in the user's terms, such as a path or `Table 7`; never a URL.
 * @throws {ToolError} such as `Not found: Documents/a.txt (HTTP 404)`.
 */
export function wordedAsUsual<T>(
  result: Promise<T>,
  what: string,
  texts: Readonly<Record<number, string>> = {},
): Promise<T> {
  return worded(result, texts, ({ status }) => {
    const summary = SUMMARIES[status] ?? 'Nextcloud failed'
    return `${summary}: ${what} (HTTP ${String(status)})`
  })
}
