import { escapeHtml } from './oidc/php.js'

/** An OCS document as XML: lists are `element`s, true is 1, false and null are empty. */
export function toOcsXml(document: Readonly<Record<string, unknown>>): string {
  return `<?xml version="1.0"?>\n<ocs>\n${members(document, 1)}</ocs>\n`
}

function members(value: object, depth: number): string {
  const named = !Array.isArray(value)
  return Object.entries(value)
    .map(([name, member]) => element(named && !/^\d/.test(name) ? name : 'element', member, depth))
    .join('')
}

function element(name: string, value: unknown, depth: number): string {
  const indent = ' '.repeat(depth)
  const tag = name.startsWith('$') ? name.slice(1) : name
  if (typeof value === 'object' && value !== null) {
    const inner = members(value, depth + 1)
    return inner === '' ? `${indent}<${tag}/>\n` : `${indent}<${tag}>\n${inner}${indent}</${tag}>\n`
  }
  const text = scalarText(value)
  return text === '' ? `${indent}<${tag}/>\n` : `${indent}<${tag}>${escapeHtml(text)}</${tag}>\n`
}

function scalarText(value: unknown): string {
  if (value === true) return '1'
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}
