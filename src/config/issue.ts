import { z } from 'zod'
import { UsageError, quoteUntrusted } from '../errors.js'
import { unknownName } from './names.js'

/** What is wrong with a value, and where the value is from. */
export interface IssuePlace {
  /** As the user wrote it: a flag, a variable, a member of a file, a file. */
  readonly origin: string
  /** Of the value that was given there. */
  readonly schema: z.ZodType
  /** Never quote the value. */
  readonly secret?: boolean
  /** What one value is called, e.g. `suite`. */
  readonly noun?: string
  /** Name places in lists, from 1. Default: only members. */
  readonly countsItems?: boolean
  /** How to see the valid values, instead of naming them. */
  readonly hint?: string
}

type Path = readonly PropertyKey[]
type JsonSchema = z.core.JSONSchema.JSONSchema

/** Members whose values are the user's own, as those of variables: they may be secret. */
const PRIVATE_MEMBERS: readonly PropertyKey[] = ['env']
const MAX_LISTED = 30

/**
 * What zod found wrong, in one sentence that names the place as the user wrote it and the nearest valid name.
 *
 * @param issue with its `input` (`reportInput`).
 * @param path of the issue, below the value that `place` is about. Default: the issue's own.
 */
export function describeIssue(
  issue: z.core.$ZodIssue,
  place: IssuePlace,
  path: Path = issue.path,
): UsageError {
  if (issue.code === 'invalid_union') {
    // What is wrong inside says which of the forms was meant.
    const issues = issue.errors.flat()
    const inner =
      issues.find(({ code }) => code === 'unrecognized_keys') ?? issues.find((other) => other.path.length > 0)
    if (inner !== undefined) return describeIssue(inner, place, [...path, ...inner.path])
  }
  const origin = nameOfMember(path, place)
  if (issue.code === 'unrecognized_keys') {
    const members = membersAt(z.toJSONSchema(place.schema, { io: 'input' }), path)
    return unknownName(
      `${origin}: there is no member`,
      issue.keys[0] ?? '',
      members,
      `valid are ${members.join(', ')}`,
    )
  }
  const hidden = place.secret === true || path.some((key) => PRIVATE_MEMBERS.includes(key))
  if (issue.code === 'invalid_value' && !hidden) return wrongChoice(issue, origin, place)
  const expected =
    issue.code === 'invalid_union' ? issue.errors.flat().map(expectation).join(' or ') : expectation(issue)
  const seen = hidden || issue.input === undefined ? '' : `, not ${quoteUntrusted(issue.input, 60)}`
  return new UsageError('NCMC_USAGE', `${origin} must be ${expected}${seen}`)
}

function wrongChoice(
  issue: z.core.$ZodIssueInvalidValue,
  origin: string,
  { noun, hint }: IssuePlace,
): UsageError {
  const choices = issue.values.map(String)
  const given =
    typeof issue.input === 'string' ? issue.input : (JSON.stringify(issue.input) as string | undefined)
  if (given === undefined)
    return new UsageError('NCMC_USAGE', `${origin} is missing; valid are ${choices.join(', ')}`)
  const what = noun === undefined ? `${origin} cannot be` : `${origin}: there is no ${noun}`
  const listed = choices.slice(0, MAX_LISTED).join(', ')
  return unknownName(what, given, choices, hint ?? `valid are ${listed}`)
}

function nameOfMember(path: Path, { origin, countsItems = false }: IssuePlace): string {
  return path.reduce<string>((name, key) => {
    if (typeof key !== 'number') return `"${String(key)}" of ${name}`
    return countsItems ? `item ${key + 1} of ${name}` : name
  }, origin)
}

/** The members that an object at this place may have. */
function membersAt(schema: JsonSchema, path: Path): readonly string[] {
  let nodes = formsOf(schema)
  for (const key of path) {
    nodes = nodes.flatMap((node) => {
      const next =
        typeof key === 'number'
          ? Array.isArray(node.items)
            ? node.items[0]
            : node.items
          : (node.properties?.[String(key)] ?? node.additionalProperties)
      return typeof next === 'object' ? formsOf(next) : []
    })
  }
  return [...new Set(nodes.flatMap((node) => Object.keys(node.properties ?? {})))]
}

function formsOf(schema: JsonSchema): readonly JsonSchema[] {
  const others = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]
  return [schema, ...others.flatMap((other) => (typeof other === 'object' ? formsOf(other) : []))]
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  number: 'a whole number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  string: 'a text',
}

function expectation(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_small':
      return issue.origin === 'string'
        ? 'a text that is not empty'
        : issue.origin === 'array'
          ? 'a list that is not empty'
          : `at least ${issue.minimum.toString()}`
    case 'too_big':
      return `at most ${issue.maximum.toString()}`
    case 'invalid_type':
      return TYPE_WORDS[issue.expected] ?? issue.expected
    case 'invalid_value':
      return issue.values.map(String).join(', ')
    case 'custom':
      return issue.message
    case 'invalid_format':
      return issue.message
    default:
      return `valid (${issue.message})`
  }
}
