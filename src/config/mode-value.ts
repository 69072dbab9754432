import type { Mode } from '../servers/server.js'

/** A value for one mode, or for all of them. */
export interface ModeValue {
  readonly mode?: Mode
  readonly value: string
}

/** Reads `[basic=|oauth=]<value>`. */
export function modeAndValue(text: string): ModeValue {
  const [, mode, value] = /^\s*(?:(basic|oauth)=)?(.*)$/s.exec(text) as unknown as [
    string,
    Mode | undefined,
    string,
  ]
  return mode === undefined ? { value } : { mode, value }
}

/** The value for a mode: the last one that names it, else the last one for all modes. */
export function valueFor(mode: Mode, texts: readonly string[]): string | undefined {
  const given = texts.map(modeAndValue)
  const found =
    given.findLast((entry) => entry.mode === mode) ?? given.findLast((entry) => entry.mode === undefined)
  return found?.value
}
