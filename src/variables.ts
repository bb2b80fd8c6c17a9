import { readFileSync } from 'node:fs'

/** Where a setting stands in the environment. */
interface Variable {
  readonly name: string
  /** Another name of the same. */
  readonly alias?: string
  /** `NAME_FILE` may name a file that holds the value. */
  readonly secret: boolean
}

/** The value as written, under either of the setting's names; empty if under neither. Throws an Error that says what is wrong. */
export function textOf({ name, alias, secret }: Variable, env: NodeJS.ProcessEnv): string {
  const value = textUnder(name, secret, env)
  if (alias === undefined) return value
  const other = textUnder(alias, secret, env)
  if (value !== '' && other !== '' && value !== other)
    throw new Error(`is given twice, ${alias} is another name of it and says something else`)
  return value === '' ? other : value
}

/** The value of the variable or the file that its `_FILE` variant names; empty if neither. */
function textUnder(name: string, secret: boolean, env: NodeJS.ProcessEnv): string {
  const value = env[name] ?? ''
  if (!secret) return value.trim()
  const file = env[`${name}_FILE`] ?? ''
  if (file === '') return value
  if (value !== '') throw new Error(`is given twice, ${name}_FILE is set too`)
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw new Error(`cannot be read from ${name}_FILE: ${(error as Error).message}`)
  }
}
