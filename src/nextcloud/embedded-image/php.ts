/** What `php` of the image does: `php occ <command>`. There is no PHP, so anything else fails. */
import { realpathSync } from 'node:fs'
import { basename, dirname, resolve } from 'node:path'
import { unreachableServer } from './database-reach.js'
import { runOcc } from './occ.js'

const args = process.argv.slice(2)
// Options of PHP itself, such as `-d memory_limit=512M` and `-f`.
while (args[0]?.startsWith('-') === true) {
  if (args[0] === '-v') break
  args.splice(0, args[0] === '-d' ? 2 : 1)
}
const [script = '', ...rest] = args
const wrong = rest[0] === 'maintenance:install' ? await unreachableServer(process.env) : undefined
if (wrong !== undefined) {
  process.stderr.write(`Error while trying to initialise the database: ${wrong}\n`)
  process.exitCode = 1
} else if (basename(script) === 'occ') {
  process.exitCode = runOcc(rest, {
    webRoot: folderOf(script),
    env: process.env,
    uid: process.getuid?.() ?? 0,
    say: (line) => void process.stdout.write(`${line}\n`),
    complain: (line) => void process.stderr.write(`${line}\n`),
  })
} else {
  process.stderr.write(
    script === '-v' ? 'No PHP here: nc-mcp-conformance\n' : `Could not open input file: ${script}\n`,
  )
  process.exitCode = 1
}

function folderOf(path: string): string {
  try {
    return dirname(realpathSync(path))
  } catch {
    return dirname(resolve(path))
  }
}
