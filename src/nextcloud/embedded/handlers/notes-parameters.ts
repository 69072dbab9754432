import { ParameterTypeError, type RequestParameters } from './oidc/parameters.js'

/**
 * An integer parameter; absent and JSON `null` give `undefined`.
 * @throws ParameterTypeError for what PHP does not turn into an integer.
 */
export function integerParameter(parameters: RequestParameters, name: string): number | undefined {
  const value = parameters[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && Number.isInteger(value)) return value
  if (typeof value === 'string' && /^-?\d+$/.test(value)) return Number(value)
  throw new ParameterTypeError(name)
}

/**
 * A boolean parameter; texts count as Nextcloud's dispatcher reads them.
 * @throws ParameterTypeError for lists and objects.
 */
export function booleanParameter(parameters: RequestParameters, name: string): boolean | undefined {
  const value = parameters[name]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'boolean') return value
  if (typeof value === 'number') return value !== 0
  if (typeof value === 'string') return !['', '0', 'false', 'False'].includes(value)
  throw new ParameterTypeError(name)
}
