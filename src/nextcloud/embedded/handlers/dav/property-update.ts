import { childOf, type XmlElement } from '../../../../xml/xml.js'
import { badRequest } from './dav-error.js'
import type { PropertyOutcome } from './multistatus.js'
import { clark } from './names.js'

/** One property that PROPPATCH, MKCOL or MKCALENDAR sets; `null` removes it. */
export interface PropertyChange {
  readonly name: string
  readonly value: XmlElement | null
}

/**
 * The changes of a propertyupdate document (RFC 4918, 14.19), in their order.
 *
 * @throws {DavError} 400 when it is none.
 */
export function propertyUpdate(body: XmlElement | undefined): readonly PropertyChange[] {
  if (body?.name !== clark('d', 'propertyupdate'))
    throw badRequest('The body is not a propertyupdate document')
  return body.children.flatMap(changesOf)
}

/** The properties that an extended MKCOL (RFC 5689) or a MKCALENDAR sets. */
export function propertiesToSet(body: XmlElement | undefined): readonly PropertyChange[] {
  return body?.children.flatMap(changesOf) ?? []
}

function changesOf(instruction: XmlElement): readonly PropertyChange[] {
  const removes = instruction.name === clark('d', 'remove')
  if (!removes && instruction.name !== clark('d', 'set')) return []
  const properties = childOf(instruction, clark('d', 'prop'))?.children ?? []
  return properties.map((property) => ({ name: property.name, value: removes ? null : property }))
}

/**
 * What becomes of the changes: all are made, or, when one may not be, that one is forbidden and the others depend on it.
 */
export function outcomesOf(
  changes: readonly PropertyChange[],
  isProtected: (name: string) => boolean,
): readonly PropertyOutcome[] {
  const refused = changes.some(({ name }) => isProtected(name))
  const names = new Set(changes.map(({ name }) => name))
  return Array.from(names, (name) => ({ name, status: !refused ? 200 : isProtected(name) ? 403 : 424 }))
}
