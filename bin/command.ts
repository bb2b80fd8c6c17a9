import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'

/** A file in this folder that `chat-api NAME` runs. */
export interface Command {
  readonly help: string
  /** Resolves to the exit code. Throws UsageError, ConfigError, Failure. */
  run(argv: string[]): Promise<number>
}

/** The command was called in a wrong way. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** The command could not do its work. The user is shown the message and nothing else. */
export class Failure extends Error {
  override readonly name = 'Failure'
}

/** Writes a line. Returns 0, the exit code of a command that has nothing else to do. */
export function print(line: string): 0 {
  process.stdout.write(`${line}\n`)
  return 0
}

/** The options' values, and one value for each name in `operands`; after `...` as the last of them any number. Throws UsageError. */
export function readArguments<const T extends ParseArgsOptionsConfig>(
  argv: string[],
  options: T,
  operands: readonly string[] = [],
) {
  const { values, positionals } = parse(argv, options)
  const missing = operands[positionals.length]
  const takesMore = operands.at(-1) === '...'
  if (missing !== undefined && missing !== '...') throw new UsageError(`${missing} is missing.`)
  if (positionals.length > operands.length && !takesMore)
    throw new UsageError(`${JSON.stringify(positionals[operands.length])} is one argument too many.`)
  return { values, operands: positionals }
}

function parse<const T extends ParseArgsOptionsConfig>(args: string[], options: T) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true })
  } catch (error) {
    const [sentence] = (error as Error).message.split('. ')
    throw new UsageError(`${sentence?.replace(/\.$/, '')}.`)
  }
}
