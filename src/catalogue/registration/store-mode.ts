import { defineCheck, judge, type Finding } from '../check.js'
import { watchFolder, type FileHistory } from '../support/folder-watch.js'

const OTHERS = 0o077

/** The client secret lets whoever reads it act as the server at Nextcloud. */
export const storeMode = defineCheck({
  id: 'registration.store.mode-0600',
  suite: 'registration',
  title: "The file with the server's own client is readable by its owner alone, from the first byte on",
  level: 'MUST',
  source: [
    { document: 'project', clause: 'client credentials are stored with mode 0600' },
    { document: 'MCP-Authorization', clause: 'Token Theft' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'process', 'twin'],
  mutants: [{ id: 's-store-0644' }],
  async run(ctx) {
    if (process.platform === 'win32')
      return { kind: 'not-applicable', reason: 'file modes need a Unix system' }
    const stack = await ctx.privateStack()
    const folder = await stack.temporaryFolder()
    const watch = watchFolder(folder)
    let files: readonly FileHistory[]
    try {
      await stack.launch('oauth', { folder, process: true, umask: 0 })
    } finally {
      files = await watch.stop()
    }
    const stores = files.filter((file) => file.exists && file.mentionsClient)
    if (stores.length === 0) {
      return { kind: 'not-applicable', reason: 'the server leaves no client file in its working folder' }
    }
    const exposed = stores.filter(({ lastMode }) => (lastMode & OTHERS) !== 0)
    const briefly = files.filter((file) => !exposed.includes(file) && (file.widestMode & OTHERS) !== 0)
    const findings: Finding[] = []
    if (exposed.length > 0) {
      findings.push({
        id: 'client-file-open-to-others',
        message: 'the client file can be read by other accounts',
        expected: '0600',
        observed: describe(exposed),
      })
    }
    // Without a client in it a file is judged only when it has gone: it was then a draft of the client file.
    const drafts = briefly.filter((file) => file.mentionsClient || !file.exists)
    if (drafts.length > 0) {
      findings.push({
        id: 'client-file-briefly-open',
        message: 'the client file, or a draft of it, could be read by other accounts for a moment',
        expected: '0600 from the first byte on',
        observed: describe(drafts),
      })
    }
    return judge(findings, describe(stores))
  },
})

function describe(files: readonly FileHistory[]): Record<string, unknown>[] {
  return files.map(({ name, exists, lastMode, widestMode, samples }) => ({
    name,
    exists,
    mode: octal(lastMode),
    widestMode: octal(widestMode),
    samples,
  }))
}

function octal(mode: number): string {
  return `0${mode.toString(8).padStart(3, '0')}`
}
