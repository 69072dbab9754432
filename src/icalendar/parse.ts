import ICAL from 'ical.js'

/** A text that is no iCalendar or vCard object, or one that we do not read (too deep, parameters without end). */
export class ICalendarSyntaxError extends Error {}

/** Real objects have three levels: calendar, event, alarm. */
const MAX_DEPTH = 10
/** The parser's time grows with the square of a line's parameters. */
const MAX_PARAMETERS_LENGTH = 4096

/** RFC 5545, 3.1. What else the parser lets pass (`__proto__`) breaks whoever looks names up. */
const NAME = /^[a-z0-9-]+$/i

type JCal = [
  name: string,
  properties: [name: string, parameters: unknown, type: unknown, ...unknown[]][],
  components: JCal[],
]

/**
 * Reads one iCalendar object (RFC 5545).
 *
 * @throws {ICalendarSyntaxError}
 */
export function parseICalendar(text: string): ICAL.Component {
  for (const line of text.replace(/\r?\n[ \t]/g, '').split('\n')) {
    if (line.length > MAX_PARAMETERS_LENGTH && parametersAreLong(line)) {
      throw new ICalendarSyntaxError('the parameters of a property are too long')
    }
  }
  let jCal: unknown
  try {
    jCal = ICAL.parse(text)
  } catch (error) {
    throw new ICalendarSyntaxError(error instanceof Error ? error.message : 'not readable', { cause: error })
  }
  if (!isComponent(jCal)) throw new ICalendarSyntaxError('the text is not one object')
  if (depthOf(jCal) > MAX_DEPTH) {
    throw new ICalendarSyntaxError(`components are nested more than ${String(MAX_DEPTH)} deep`)
  }
  if (!namesAreProper(jCal)) throw new ICalendarSyntaxError('a name has characters that names do not have')
  typeStrangers(jCal)
  return new ICAL.Component(jCal)
}

/** A property named like a member of all objects (`constructor`) has no type after parsing, and cannot be written. */
function typeStrangers([, properties, components]: JCal): void {
  for (const property of properties) {
    if (typeof property[2] !== 'string') property[2] = 'unknown'
  }
  components.forEach(typeStrangers)
}

function namesAreProper([name, properties, components]: JCal): boolean {
  return (
    NAME.test(name) &&
    properties.every(([property]) => NAME.test(property)) &&
    components.every((component) => namesAreProper(component))
  )
}

function parametersAreLong(line: string): boolean {
  const colon = line.indexOf(':')
  return (
    /^[^:]*;/.test(line.slice(0, MAX_PARAMETERS_LENGTH)) && (colon === -1 || colon > MAX_PARAMETERS_LENGTH)
  )
}

/** The parser gives a list of components when there are several, and an empty one when there is none. */
function isComponent(jCal: unknown): jCal is JCal {
  return Array.isArray(jCal) && typeof jCal[0] === 'string'
}

function depthOf(root: JCal): number {
  let depth = 0
  for (let level: JCal[] = [root]; level.length > 0 && depth <= MAX_DEPTH; depth += 1) {
    level = level.flatMap(([, , components]) => components)
  }
  return depth
}
