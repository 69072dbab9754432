import { spawn } from 'node:child_process'

/**
 * Opens a URL in the system's browser, as far as there is one; whoever calls this also shows the URL. The program
 * gets the URL as one argument, never through a shell.
 */
export function openInSystemBrowser(url: string, platform: NodeJS.Platform = process.platform): void {
  const [program, args] = opener(platform)
  const child = spawn(program, [...args, url], { stdio: 'ignore', detached: true })
  // No opener here: the person follows the URL that was printed.
  child.once('error', () => undefined)
  child.unref()
}

function opener(platform: NodeJS.Platform): [program: string, args: readonly string[]] {
  if (platform === 'darwin') return ['open', []]
  if (platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler']]
  return ['xdg-open', []]
}
