import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../src/catalogue/index.js'
import type { RunHandle, TargetHandle } from '../../src/engine/handle.js'
import { missingNeed } from '../../src/engine/needs.js'

const URL = 'http://localhost:1/mcp'
const IMAGE: TargetHandle = { mode: 'basic', url: URL, launch: { kind: 'image', image: 'x' } }
const COMMAND: TargetHandle = { mode: 'basic', url: URL, launch: { kind: 'command', command: 'x' } }
const ELSEWHERE: TargetHandle = { mode: 'basic', url: URL }

function reason(id: string, target: TargetHandle): string | undefined {
  const check = CHECKS.find((candidate) => candidate.id === id)!
  const mode = check.modes[0]
  const handle = { nextcloud: { kind: 'embedded' }, targets: { [mode]: { ...target, mode } } }
  return missingNeed(check, mode, handle as unknown as RunHandle)
}

describe('what a check needs', () => {
  it.each(['basic.local-bind', 'registration.store.mode-0600'])(
    '%s: a process of this machine, which an image is not',
    (id) => {
      expect(reason(id, IMAGE)).toMatch(
        /needs the server in \w+ mode as a process of this machine; .*an image/,
      )
      expect(reason(id, COMMAND)).toBeUndefined()
      expect(reason(id, ELSEWHERE)).toMatch(/needs to start the server .*given by URL/)
    },
  )

  it.each(['basic.env.missing', 'basic.no-credential-leak', 'registration.store.reload'])(
    '%s: a server that can be started, as an image can',
    (id) => {
      expect(reason(id, IMAGE)).toBeUndefined()
      expect(reason(id, COMMAND)).toBeUndefined()
      expect(reason(id, ELSEWHERE)).toMatch(/needs to start the server .*given by URL/)
    },
  )
})
