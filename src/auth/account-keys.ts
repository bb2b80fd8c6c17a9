import { hkdfSync } from 'node:crypto'
import type { Config } from '../config.ts'

export type AccountKeyConfig = Pick<Config, 'accounts' | 'accountsSecret' | 'jwtSecret' | 'jwtPreviousSecret'>

/** The bytes that the tokens of accounts are signed with. Other services know JWT_SECRET, and must not take such a token for one of theirs. */
export interface AccountKeys {
  readonly signing: Buffer
  /** `signing` first, then what was used before a secret was changed. */
  readonly verifying: readonly Buffer[]
  /** What successors of refresh tokens are made by. */
  readonly refreshing: Buffer
}

/** null where there are no accounts, or nothing to make their keys of. */
export function accountKeys(config: AccountKeyConfig): AccountKeys | null {
  const { accounts, accountsSecret, jwtSecret, jwtPreviousSecret } = config
  const secret = accountsSecret ?? jwtSecret
  if (!accounts || secret === null) return null
  const signing = accountsSecret === null ? derived(secret, 'access tokens') : Buffer.from(accountsSecret)
  const before =
    accountsSecret === null && jwtPreviousSecret !== null ? [derived(jwtPreviousSecret, 'access tokens')] : []
  return { signing, verifying: [signing, ...before], refreshing: derived(secret, 'refresh tokens') }
}

/** HKDF (RFC 5869) with SHA-256. */
const derived = (secret: string, use: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, 'chat-api', `accounts: ${use}`, 32))
