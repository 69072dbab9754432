/** The web server of the image (`apache2-foreground`): port 80, then without root's rights. */
import { EmbeddedListener } from '../embedded/listener.js'
import { createInstance } from './instance.js'

const WEB_ROOT = '/var/www/html'
const WWW_DATA = 33

const { app } = createInstance(WEB_ROOT, process.env)
const listener = new EmbeddedListener(app, Number(process.env['NCMC_PORT'] ?? 80), '0.0.0.0')
await listener.open()
if (process.getuid?.() === 0) {
  process.setgroups?.([WWW_DATA])
  process.setgid?.(WWW_DATA)
  process.setuid?.(WWW_DATA)
}
process.stdout.write(`nc-mcp-conformance: embedded Nextcloud listens on port ${listener.port}\n`)
for (const signal of ['SIGTERM', 'SIGINT', 'SIGWINCH'] as const) {
  process.once(signal, () => {
    void listener.close().then(() => process.exit(0))
  })
}
