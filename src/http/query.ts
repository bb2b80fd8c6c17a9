import type { Static, TObject } from 'typebox'
import { invalid, validate } from '../domain/validate.ts'

/**
 * The query (without its `?`) as the schema's type. Integers have one spelling: digits, without sign, zeros in front or
 * exponent. Throws invalid, also for a
 * parameter that there is not, which would silently change nothing, and for one given twice.
 */
export function readQuery<T extends TObject>(schema: T, search: string): Static<T> {
  if (search === '') return validate(schema, {})
  const query: Record<string, unknown> = {}
  for (const [name, text] of new URLSearchParams(search)) {
    if (!Object.hasOwn(schema.properties, name)) throw invalid([{ field: name, message: unknown(schema) }])
    if (Object.hasOwn(query, name)) throw invalid([{ field: name, message: 'must be given once' }])
    query[name] = isInteger(schema.properties[name]) ? toInteger(text) : text
  }
  return validate(schema, query)
}

const unknown = ({ properties }: TObject): string => {
  const names = Object.keys(properties)
  return names.length
    ? `is unknown here: there are ${names.join(', ')}`
    : 'is unknown here: this route has no parameters'
}

const isInteger = (schema: object | undefined): boolean =>
  schema !== undefined && 'type' in schema && schema.type === 'integer'

/** What is no integer stays text, and is refused as such by the schema. */
function toInteger(text: string): number | string {
  const number = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN
  return Number.isSafeInteger(number) ? number : text
}
