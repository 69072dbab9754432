import { childOf, childrenOf, type XmlElement } from '../../../../../xml/xml.js'
import { contentLines } from '../../../../../vcard/content-lines.js'
import { badRequest } from '../dav-error.js'
import { clark } from '../names.js'

/** Whether a vCard matches. */
export type CardFilter = (vcard: string) => boolean

interface CardProperty {
  readonly name: string
  readonly value: string
  readonly parameters: readonly (readonly [name: string, values: readonly string[]])[]
}

/**
 * Reads the filter of an addressbook-query (RFC 6352, 10.5); none lets every card pass.
 *
 * @throws {DavError} 400 for what the RFC does not allow there.
 */
export function cardFilter(filter: XmlElement | undefined): CardFilter {
  const tests = childrenOf(filter, clark('card', 'prop-filter')).map(propertyTest)
  if (tests.length === 0) return () => true
  const isAllOf = needsAll(filter)
  return (vcard) => {
    const properties = contentLines(vcard).flatMap(cardProperty)
    return combine(isAllOf, tests, (test) => test(properties))
  }
}

function propertyTest(filter: XmlElement): (properties: readonly CardProperty[]) => boolean {
  const name = nameOf(filter)
  const ofName = (properties: readonly CardProperty[]): readonly CardProperty[] =>
    properties.filter((property) => property.name === name)
  if (isNotDefined(filter)) return (properties) => ofName(properties).length === 0
  const texts = childrenOf(filter, clark('card', 'text-match')).map(textTest)
  const tests = [
    ...texts.map((test) => (found: readonly CardProperty[]) => test(found.map(({ value }) => value))),
    ...childrenOf(filter, clark('card', 'param-filter')).map(parameterTest),
  ]
  const isAllOf = needsAll(filter)
  return (properties) => {
    const found = ofName(properties)
    if (found.length === 0) return false
    return tests.length === 0 || combine(isAllOf, tests, (test) => test(found))
  }
}

function parameterTest(filter: XmlElement): (found: readonly CardProperty[]) => boolean {
  const name = nameOf(filter)
  const valuesOf = (found: readonly CardProperty[]): readonly (readonly string[])[] =>
    found.flatMap(({ parameters }) =>
      parameters.filter(([parameter]) => parameter === name).map(([, values]) => values),
    )
  if (isNotDefined(filter)) return (found) => valuesOf(found).length === 0
  const text = childOf(filter, clark('card', 'text-match'))
  if (text === undefined) return (found) => valuesOf(found).length > 0
  const test = textTest(text)
  return (found) => valuesOf(found).length > 0 && test(valuesOf(found).flat())
}

/** True when one of the texts matches, or with negation when none does. */
function textTest(match: XmlElement): (texts: readonly string[]) => boolean {
  const fold = foldingOf(match.attributes['collation'] ?? 'i;unicode-casemap')
  const wanted = fold(match.text)
  const matches = comparison(match.attributes['match-type'] ?? 'contains')
  const isNegated = match.attributes['negate-condition'] === 'yes'
  return (texts) => texts.some((text) => matches(fold(text), wanted)) !== isNegated
}

function foldingOf(collation: string): (text: string) => string {
  if (collation === 'i;octet') return (text) => text
  if (collation === 'i;ascii-casemap') {
    return (text) => text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  }
  if (collation === 'i;unicode-casemap') return (text) => text.normalize('NFKC').toLowerCase()
  throw badRequest(`Collation type: ${collation} is not supported`)
}

function comparison(matchType: string): (text: string, wanted: string) => boolean {
  switch (matchType) {
    case 'contains':
      return (text, wanted) => text.includes(wanted)
    case 'equals':
      return (text, wanted) => text === wanted
    case 'starts-with':
      return (text, wanted) => text.startsWith(wanted)
    case 'ends-with':
      return (text, wanted) => text.endsWith(wanted)
    default:
      throw badRequest(`Unknown match-type: ${matchType}`)
  }
}

function combine<T>(isAllOf: boolean, tests: readonly T[], run: (test: T) => boolean): boolean {
  return isAllOf ? tests.every(run) : tests.some(run)
}

function needsAll(filter: XmlElement | undefined): boolean {
  const test = filter?.attributes['test'] ?? 'anyof'
  if (test !== 'anyof' && test !== 'allof') throw badRequest(`Unknown test: ${test}`)
  return test === 'allof'
}

function isNotDefined(filter: XmlElement): boolean {
  return childOf(filter, clark('card', 'is-not-defined')) !== undefined
}

function nameOf(filter: XmlElement): string {
  const name = filter.attributes['name'] ?? ''
  if (name === '') throw badRequest('A filter needs a name')
  return name.toUpperCase()
}

const CONTENT_LINE = /^(?:[\w-]+\.)?([\w-]+)((?:;[^=;:"]*(?:=(?:"[^"]*"|[^":;])*)?)*):(.*)$/s
const PARAMETER = /;([^=;:"]*)(?:=((?:"[^"]*"|[^":;])*))?/g

function cardProperty(line: string): readonly CardProperty[] {
  const [, name, parameters = '', value = ''] = CONTENT_LINE.exec(line) ?? []
  if (name === undefined) return []
  return [
    {
      name: name.toUpperCase(),
      value: value.replace(/\\([\\,;:nN])/g, (_, character: string) =>
        character.toLowerCase() === 'n' ? '\n' : character,
      ),
      parameters: Array.from(parameters.matchAll(PARAMETER), ([, parameter = '', values = '']) => [
        parameter.toUpperCase(),
        values.replaceAll('"', '').split(','),
      ]),
    },
  ]
}
