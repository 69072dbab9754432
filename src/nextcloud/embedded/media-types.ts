import { mimes } from 'hono/utils/mime'

/** By suffix of a file's name: those of the library, and more that Nextcloud knows. */
const TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...mimes,
    md: 'text/markdown',
    markdown: 'text/markdown',
    org: 'text/org',
    log: 'text/plain',
    vcf: 'text/vcard',
    yaml: 'application/yaml',
    yml: 'application/yaml',
    odt: 'application/vnd.oasis.opendocument.text',
    ods: 'application/vnd.oasis.opendocument.spreadsheet',
    docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    tar: 'application/x-tar',
    py: 'text/x-python',
    sh: 'text/x-shellscript',
  }),
)

/** Nextcloud goes by a file's name, whatever type it was uploaded with; no parameters. */
export function mediaTypeOf(fileName: string): string {
  const suffix = /\.([^.]+)$/.exec(fileName)?.[1]?.toLowerCase() ?? ''
  const type = TYPES.get(suffix) ?? 'application/octet-stream'
  return type.split(';', 1)[0] ?? type
}
