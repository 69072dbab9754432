/** Traces and names of libraries' errors, which tell a user nothing. */
export const DEVELOPERS_TEXT = /\n\s+at .*:\d+:\d+|Traceback \(most recent|ECONNREFUSED|ECONNRESET|\bUND_ERR/
