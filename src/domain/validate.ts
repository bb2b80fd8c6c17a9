import type { Static, TSchema } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import { ChatError, type FieldError } from './errors.ts'

const compiled = new WeakMap<TSchema, Validator>()

/** The value as the schema's type, with nothing added or converted. Throws invalid, with one entry per field. */
export function validate<T extends TSchema>(schema: T, value: unknown): Static<T> {
  const validator = validatorOf(schema)
  if (validator.Check(value)) return value as Static<T>
  throw invalid(validator.Errors(value).flatMap(fieldErrors))
}

/** Whether the value fits the schema, without saying what is wrong. */
export const isValid = (schema: TSchema, value: unknown): boolean => validatorOf(schema).Check(value)

function validatorOf(schema: TSchema): Validator {
  const known = compiled.get(schema)
  if (known) return known
  const validator = Compile(schema) as unknown as Validator
  compiled.set(schema, validator)
  return validator
}

/** Throws invalid for one or more fields. */
export function invalid(fields: readonly FieldError[]): ChatError {
  const first = fields[0]
  const where = first?.field ? `${first.field}: ` : ''
  return new ChatError('invalid', first ? `${where}${first.message}.` : 'Not valid.', { fields })
}

function fieldErrors(error: {
  keyword: string
  instancePath: string
  message: string
  params: object
}): FieldError[] {
  const at = error.instancePath.slice(1).replaceAll('/', '.')
  if (error.keyword === 'required' && 'requiredProperties' in error.params) {
    const missing = error.params.requiredProperties as string[]
    return missing.map((name) => ({ field: at ? `${at}.${name}` : name, message: 'is required' }))
  }
  return [{ field: at, message: error.message }]
}
