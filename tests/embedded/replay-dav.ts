import type { Bindings } from './replay-bindings.js'

const FILE_ID = /<oc:fileid>(\d+)<\/oc:fileid>/g
const FULL_FILE_ID = /^(\d{8})(oc[a-z0-9]{10})$/
const FILE_ETAG = /&quot;([0-9a-f]{32})&quot;/g

/** Binds what is random in a listing: file ids and the etags of files, in the order they come. */
export function bindListing(bindings: Bindings, recorded: string, live: string): void {
  for (const [before, now] of pairs(FILE_ID, recorded, live)) bindFileId(bindings, before, now)
  for (const [before, now] of pairs(FILE_ETAG, recorded, live)) {
    if (!bindings.has(before)) bindings.bind(before, now)
  }
}

/** Binds the ids in two `oc-fileid` headers (digits, then the instance's id), so that listings must show the same. */
export function bindFullFileId(bindings: Bindings, recorded: string | null, live: string | null): void {
  const [before, now] = [recorded, live].map((id) => FULL_FILE_ID.exec(id ?? ''))
  if (before?.[1] === undefined || now?.[1] === undefined || now[2] === undefined) return
  bindFileId(bindings, String(Number(before[1])), String(Number(now[1])))
  const known = /\d+/.exec(bindings.get(element(String(Number(before[1])))) ?? '')?.[0] ?? ''
  bindings.bind(before[0], known.padStart(8, '0') + now[2])
}

/** Ids are short numbers, so they are bound with what surrounds them. */
function bindFileId(bindings: Bindings, recorded: string, live: string): void {
  if (!bindings.has(element(recorded))) bindings.bind(element(recorded), element(live))
}

function element(fileId: string): string {
  return `<oc:fileid>${fileId}</oc:fileid>`
}

function pairs(pattern: RegExp, recorded: string, live: string): [string, string][] {
  const [before, now] = [recorded, live].map((text) => Array.from(text.matchAll(pattern), ([, id]) => id))
  return (before ?? []).flatMap((id, index) => {
    const other = now?.[index]
    return id === undefined || other === undefined ? [] : [[id, other] satisfies [string, string]]
  })
}
