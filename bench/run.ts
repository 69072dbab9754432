import { benchBrowserMint } from './browser-mint.js'
import { benchContainer } from './container.js'
import { benchDefaultRun } from './default-run.js'
import { benchEmbedded } from './embedded.js'
import { format, type Measurement } from './measure.js'
import { benchVerifier } from './verifier.js'

const PARTS: Readonly<Record<string, () => Promise<Measurement[]>>> = {
  embedded: benchEmbedded,
  verifier: benchVerifier,
  mint: benchBrowserMint,
  run: benchDefaultRun,
}

/** Parts that need what not every machine has: measured only when they are named. */
const ON_REQUEST: typeof PARTS = { container: benchContainer }
const ALL = { ...PARTS, ...ON_REQUEST }

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => ALL[name] === undefined)
if (unknown.length > 0) {
  console.error(`unknown part ${unknown.join(', ')}; there are ${Object.keys(ALL).join(', ')}`)
  process.exitCode = 2
} else {
  for (const [name, part] of Object.entries(wanted.length === 0 ? PARTS : ALL)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    console.log(`== ${name}`)
    console.log(format(await part()))
  }
}
