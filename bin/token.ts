import { limits } from '../src/domain/limits.ts'
import { idRule, isUserId } from '../src/domain/text.ts'
import { duration } from '../src/setting.ts'
import { print, readArguments, UsageError } from './command.ts'
import { loadConfig, makeToken } from './environment.ts'

export const help = `Usage: chat-api token --sub USER [--ttl 1h] [--name NAME] [--scope SCOPE]

Prints a token (JWT) for the user, signed with the secret that serve uses.

  --sub USER     the user's id, 1 to 128 characters
  --ttl TIME     how long it is valid: 90s, 15m, 1h (the default), 30d
  --name NAME    the user's name, for clients that show it
  --scope SCOPE  chat:admin may manage any group`

const ttl = duration(1_000, 10 * 366 * 86_400_000)

export async function run(argv: string[]): Promise<number> {
  const { values } = readArguments(argv, {
    sub: { type: 'string' },
    ttl: { type: 'string', default: '1h' },
    name: { type: 'string' },
    scope: { type: 'string' },
  })
  const sub = readUser(values.sub)
  const ttlS = readTtl(values.ttl) / 1_000
  return print(await makeToken(loadConfig(), { sub, ttlS, name: values.name, scope: values.scope }))
}

export function readUser(sub: string | undefined): string {
  if (sub === undefined) throw new UsageError('--sub USER is missing: for whom is the token?')
  if (!isUserId(sub)) throw new UsageError(`--sub must have 1 to ${limits.userId} characters: ${idRule}.`)
  return sub
}

function readTtl(text: string): number {
  try {
    return ttl.read(text)
  } catch (error) {
    throw new UsageError(`--ttl ${(error as Error).message}.`)
  }
}
