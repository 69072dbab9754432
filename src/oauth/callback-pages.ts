/** The fixed pages of the callback listener. Nothing of a request ever enters them. */
const PAGES = {
  received: ['Signed in', 'The authorization response has arrived. You can close this window.'],
  refused: ['Not signed in', 'The authorization server answered with an error. You can close this window.'],
  invalid: ['Not accepted', 'This is not the authorization response that is being waited for.'],
  notFound: ['Not found', 'There is nothing here.'],
  method: ['Not accepted', 'Authorization responses are received by GET only.'],
} as const

export type CallbackPage = keyof typeof PAGES

/**
 * HTML of one of the fixed pages.
 *
 * @param raw a deliberate fault: HTML to print below the text.
 */
export function callbackPageHtml(page: CallbackPage, raw = ''): string {
  const [title, text] = PAGES[page]
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>` +
    `<body><h1>${title}</h1><p>${text}</p>${raw}</body></html>\n`
  )
}

/** Headers of every answer of the callback listener. */
export const CALLBACK_PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}
