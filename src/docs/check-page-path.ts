/** Folder of the pages about checks, below the package's root. */
export const CHECK_PAGES_FOLDER = 'docs/checks'

/** Path of a check's page below the package's root. */
export function checkPagePath(id: string): string {
  return `${CHECK_PAGES_FOLDER}/${id}.md`
}
