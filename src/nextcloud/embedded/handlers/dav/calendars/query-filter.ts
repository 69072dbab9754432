import type ICAL from 'ical.js'
import { childOf, childrenOf, type XmlElement } from '../../../../../xml/xml.js'
import { badRequest } from '../dav-error.js'
import { clark } from '../names.js'

/** Instants, ms since the epoch; open ends are infinite. */
export interface TimeRange {
  readonly startMs: number
  readonly endMs: number
}

interface TextMatch {
  readonly matches: (text: string) => boolean
}

interface ParameterFilter {
  readonly name: string
  readonly isNotDefined: boolean
  readonly text: TextMatch | undefined
}

export interface PropertyFilter {
  readonly name: string
  readonly isNotDefined: boolean
  readonly timeRange: TimeRange | undefined
  readonly parameters: readonly ParameterFilter[]
  readonly text: TextMatch | undefined
}

export interface ComponentFilter {
  readonly name: string
  readonly isNotDefined: boolean
  readonly timeRange: TimeRange | undefined
  readonly components: readonly ComponentFilter[]
  readonly properties: readonly PropertyFilter[]
}

/**
 * Reads the filter of a calendar-query (RFC 4791, 9.7). Names are in small letters.
 *
 * @throws {DavError} 400 when it is missing or malformed.
 */
export function readFilter(filter: XmlElement | undefined): ComponentFilter {
  if (filter === undefined) {
    throw badRequest('The {urn:ietf:params:xml:ns:caldav}filter element is required for this request')
  }
  const root = childrenOf(filter, clark('cal', 'comp-filter'))
  if (root.length !== 1 || root[0] === undefined) {
    throw badRequest('There must be exactly 1 top-level comp-filter.')
  }
  return readComponentFilter(root[0])
}

function readComponentFilter(element: XmlElement): ComponentFilter {
  const name = nameOf(element)
  const timeRange = readTimeRange(childOf(element, clark('cal', 'time-range')))
  if (timeRange !== undefined && name === 'vcalendar') {
    throw badRequest('You cannot add time-range filters on the VCALENDAR component')
  }
  return {
    name,
    isNotDefined: childOf(element, clark('cal', 'is-not-defined')) !== undefined,
    timeRange,
    components: childrenOf(element, clark('cal', 'comp-filter')).map(readComponentFilter),
    properties: childrenOf(element, clark('cal', 'prop-filter')).map(readPropertyFilter),
  }
}

function readPropertyFilter(element: XmlElement): PropertyFilter {
  return {
    name: nameOf(element),
    isNotDefined: childOf(element, clark('cal', 'is-not-defined')) !== undefined,
    timeRange: readTimeRange(childOf(element, clark('cal', 'time-range'))),
    parameters: childrenOf(element, clark('cal', 'param-filter')).map((parameter) => ({
      name: nameOf(parameter),
      isNotDefined: childOf(parameter, clark('cal', 'is-not-defined')) !== undefined,
      text: readTextMatch(childOf(parameter, clark('cal', 'text-match'))),
    })),
    text: readTextMatch(childOf(element, clark('cal', 'text-match'))),
  }
}

function nameOf({ attributes }: XmlElement): string {
  const { name } = attributes
  if (name === undefined || name === '') throw badRequest('Filters need a name attribute')
  return name.toLowerCase()
}

/** @throws {DavError} 400 for values that are no UTC date-times, and for ranges that end before they start. */
export function readTimeRange(element: XmlElement | undefined): TimeRange | undefined {
  if (element === undefined) return undefined
  const { start, end } = element.attributes
  const startMs = start === undefined ? -Infinity : instantOf(start)
  const endMs = end === undefined ? Infinity : instantOf(end)
  if (endMs <= startMs) throw badRequest('The end-date must be larger than the start-date')
  return { startMs, endMs }
}

function instantOf(text: string): number {
  const parts = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z?)?$/.exec(text)
  const [year, month, day, hour = '00', minute = '00', second = '00'] = parts?.slice(1) ?? []
  const instantMs = Date.parse(`${year ?? ''}-${month ?? ''}-${day ?? ''}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(instantMs)) {
    throw badRequest(`The supplied iCalendar datetime value is incorrect: ${text.slice(0, 100)}`)
  }
  return instantMs
}

const FOLDS: Readonly<Record<string, (text: string) => string>> = {
  'i;ascii-casemap': (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()),
  'i;octet': (text) => text,
  'i;unicode-casemap': (text) => text.toLowerCase(),
}

function readTextMatch(element: XmlElement | undefined): TextMatch | undefined {
  if (element === undefined) return undefined
  const { collation = 'i;ascii-casemap' } = element.attributes
  const fold = Object.hasOwn(FOLDS, collation) ? FOLDS[collation] : undefined
  if (fold === undefined) throw badRequest(`Collation type: ${collation.slice(0, 100)} is not supported`)
  const wanted = fold(element.text)
  const isNegated = element.attributes['negate-condition'] === 'yes'
  return { matches: (text) => fold(text).includes(wanted) !== isNegated }
}

/** Decides about time ranges; see `time-range.ts`. */
export interface TimeJudge {
  component(component: ICAL.Component, range: TimeRange): boolean
  property(property: ICAL.Property, range: TimeRange): boolean
}

/** Whether a calendar object passes a filter (RFC 4791, 9.7). */
export function passes(calendar: ICAL.Component, filter: ComponentFilter, times: TimeJudge): boolean {
  return calendar.name === filter.name && !filter.isNotDefined && passesInside(calendar, filter, times)
}

function passesInside(component: ICAL.Component, filter: ComponentFilter, times: TimeJudge): boolean {
  return (
    filter.components.every((inner) => passesComponent(component, inner, times)) &&
    filter.properties.every((inner) => passesProperty(component, inner, times))
  )
}

function passesComponent(parent: ICAL.Component, filter: ComponentFilter, times: TimeJudge): boolean {
  const candidates = parent.getAllSubcomponents(filter.name)
  if (filter.isNotDefined) return candidates.length === 0
  const { timeRange } = filter
  return candidates.some(
    (candidate) =>
      (timeRange === undefined || times.component(candidate, timeRange)) &&
      passesInside(candidate, filter, times),
  )
}

function passesProperty(component: ICAL.Component, filter: PropertyFilter, times: TimeJudge): boolean {
  const candidates = component.getAllProperties(filter.name)
  if (filter.isNotDefined) return candidates.length === 0
  const { timeRange, text } = filter
  return candidates.some(
    (candidate) =>
      (timeRange === undefined || times.property(candidate, timeRange)) &&
      filter.parameters.every((inner) => passesParameter(candidate, inner)) &&
      (text === undefined || text.matches(textOf(candidate))),
  )
}

function passesParameter(property: ICAL.Property, filter: ParameterFilter): boolean {
  const value = property.getParameter(filter.name) as string | string[] | undefined
  if (filter.isNotDefined || value === undefined) return filter.isNotDefined && value === undefined
  const values = Array.isArray(value) ? value : [value]
  const { text } = filter
  return text === undefined || values.some((each) => text.matches(each))
}

/** The value as text, several joined by commas. */
function textOf(property: ICAL.Property): string {
  const values = (property.jCal as unknown[]).slice(3)
  return values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(',')
}
