import type { CellMode, Check, Need } from '../catalogue/check.js'
import type { Mode } from '../servers/server.js'
import type { RunHandle } from './handle.js'

/**
 * Why a check cannot be run against these targets, or `undefined` when it can. Decided from how the run was
 * set up, never by probing: a broken endpoint must not excuse itself.
 */
export function missingNeed(check: Check, mode: CellMode, handle: RunHandle): string | undefined {
  return (check.needs ?? [])
    .map((need) => reasonFor(need, mode, handle))
    .find((reason) => reason !== undefined)
}

function reasonFor(need: Need, mode: CellMode, handle: RunHandle): string | undefined {
  switch (need) {
    case 'twin':
      if (mode !== 'nextcloud' || handle.nextcloud.kind === 'embedded') return undefined
      return 'needs control over the Nextcloud under test (clock, faults, request log), ' + whichItIs(handle)
    case 'nextcloud-admin':
      if (handle.nextcloud.kind === 'embedded' || handle.nextcloud.container !== undefined) return undefined
      return handle.nextcloud.kind === 'container'
        ? 'needs a Nextcloud of its own to change, and --fresh leaves no snapshot to start one from'
        : 'needs to change the configuration of the Nextcloud under test, which is attached by URL'
    case 'launch':
      return launchReason(mode, handle)
    case 'process':
      return launchReason(mode, handle) ?? processReason(mode, handle)
  }
}

function whichItIs({ nextcloud }: RunHandle): string {
  return nextcloud.kind === 'container' ? 'which is a real one in a container' : 'which is attached by URL'
}

function launchReason(mode: CellMode, handle: RunHandle): string | undefined {
  const given = modesOf(mode).find((wanted) => handle.targets[wanted]?.launch === undefined)
  return given === undefined
    ? undefined
    : `needs to start the server in ${given} mode itself; it was given by URL`
}

function processReason(mode: CellMode, handle: RunHandle): string | undefined {
  const given = modesOf(mode).find((wanted) => handle.targets[wanted]?.launch?.kind === 'image')
  return given === undefined
    ? undefined
    : `needs the server in ${given} mode as a process of this machine; it was given as an image`
}

function modesOf(mode: CellMode): readonly Mode[] {
  if (mode === 'both') return ['basic', 'oauth']
  return mode === 'nextcloud' ? [] : [mode]
}
