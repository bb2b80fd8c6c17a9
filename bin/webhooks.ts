import type { Letter } from '../src/domain/letter.ts'
import { withLetters } from '../src/store/letters-beside.ts'
import { print, readArguments, UsageError } from './command.ts'
import { loadConfig } from './environment.ts'

export const help = `Usage: chat-api webhooks list
       chat-api webhooks retry [ID ...]
       chat-api webhooks drop [ID ...]

What the receiver at WEBHOOK_URL refused; also while the service runs.

  list   the events that were given up (dead letters) and those that are tried again, the latest first
  retry  tries these, or all, again from the beginning; the service does so within a second, or when it is started
  drop   forgets these dead letters, or all`

/** So many are listed. */
const mostListed = 1_000

export async function run(argv: string[]): Promise<number> {
  const [action = '', ...ids] = readArguments(argv, {}, ['ACTION', '...']).operands
  const given = ids.length ? ids : null
  const config = loadConfig()
  switch (action) {
    case 'list':
      if (given) throw new UsageError('list takes no ids.')
      return print(
        await withLetters(config, async ({ list, count }) =>
          listing(await list('all', mostListed), await count()),
        ),
      )
    case 'retry': {
      const tried = await withLetters(config, ({ retry }) => retry(given, Date.now()))
      return print(`${counted(tried)} will be tried again`)
    }
    case 'drop': {
      const dropped = await withLetters(config, ({ drop }) => drop(given))
      return print(`${counted(dropped)} dropped`)
    }
    default:
      throw new UsageError(`There is no ${JSON.stringify(action)}: list, retry or drop.`)
  }
}

const counted = (count: number): string => `${count} ${count === 1 ? 'event' : 'events'}`

function listing(letters: readonly Letter[], { waiting, dead }: { waiting: number; dead: number }): string {
  const more = waiting + dead - letters.length
  return [
    `${dead} given up, ${waiting} waiting`,
    ...letters.map(line),
    ...(more > 0 ? [`... and ${more} that happened earlier`] : []),
  ].join('\n')
}

/** The id comes last, for `cut` and `xargs`. */
const line = ({ id, type, at, attempts, failure, dueAt }: Letter): string =>
  [
    dueAt === null ? 'dead   ' : 'waiting',
    new Date(at).toISOString(),
    type,
    `${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`,
    failure ?? 'not tried yet',
    ...(dueAt === null ? [] : [`next ${new Date(dueAt).toISOString()}`]),
    id,
  ].join('  ')
