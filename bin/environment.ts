import { existsSync, readFileSync } from 'node:fs'
import { relative } from 'node:path'
import { parseEnv } from 'node:util'
import { keptSecret, secretFile } from '../src/auth/secret.ts'
import { signToken } from '../src/auth/sign.ts'
import { type Config, readConfig } from '../src/config.ts'
import { Failure } from './command.ts'

/** The configuration out of the environment and, below it, the file `.env`. Throws ConfigError. */
export function loadConfig(): Config {
  const file = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {}
  return readConfig({ ...file, ...process.env })
}

/**
 * Development without the key that it needs gets a secret that is made once and kept in the data folder: for all tokens, or where the
 * auth-api has keys of its own, for those of our accounts. Throws Failure when it can't be kept.
 */
export function withSecret(config: Config): { config: Config; madeIn: string | null } {
  const { environment, accounts, accountsSecret, jwtSecret, jwtJwksUrl } = config
  const isOpen = jwtSecret === null && jwtJwksUrl === null
  const needsOwn = accounts && accountsSecret === null && jwtSecret === null
  if (environment === 'production' || !(isOpen || needsOwn)) return { config, madeIn: null }
  const file = secretFile(config.dataDir)
  try {
    const { secret } = keptSecret(config.dataDir)
    const made = isOpen ? { jwtSecret: secret } : { accountsSecret: secret }
    return { config: { ...config, ...made }, madeIn: file }
  } catch (error) {
    throw new Failure(
      `No ${isOpen ? 'JWT_SECRET' : 'ACCOUNTS_SECRET'} is set, and none can be kept in ${file}: ${(error as Error).message}. ` +
        `Set DATA_DIR to a folder that can be written, or set ${isOpen ? 'JWT_SECRET' : 'ACCOUNTS_SECRET'}.`,
    )
  }
}

/** A token that the service with this configuration accepts. Throws Failure when only the auth-api can make one. */
export function makeToken(
  given: Config,
  who: { sub: string; ttlS: number; name?: string | undefined; scope?: string | undefined },
): Promise<string> {
  const { config } = withSecret(given)
  const { jwtSecret, jwtAlgorithms, jwtIssuer: issuer, jwtAudience: audience } = config
  if (jwtSecret === null || !jwtAlgorithms.includes('HS256'))
    throw new Failure(
      'Tokens of this service are made by its auth-api: it is configured without a JWT_SECRET.',
    )
  return signToken(jwtSecret, { ...who, issuer, audience })
}

/** Where the service with this configuration answers on this machine, without a slash at the end. */
export function localUrl({ host, port }: Config): string {
  if (host === '0.0.0.0') return `http://127.0.0.1:${port}`
  if (host === '::') return `http://[::1]:${port}`
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}

/** How to call another command, in the way that this one was called. */
export function typed(command: string): string {
  if (process.env.npm_lifecycle_event !== undefined) return `npm run -s chat-api -- ${command}`
  const file = process.argv[1] ?? ''
  const near = relative('.', file)
  return `node ${near.startsWith('..') ? file : near} ${command}`
}
