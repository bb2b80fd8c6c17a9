import { clashing, type Dialect } from './dialects.ts'
import { weaknessOf } from './mistakes.ts'

/** The settings that can contradict each other. */
interface Given {
  readonly environment: 'development' | 'production'
  readonly apiPrefix: string
  readonly dialects: readonly Dialect[]
  readonly accounts: boolean
  readonly accountsSecret: string | null
  readonly jwtSecret: string | null
  readonly jwtPreviousSecret: string | null
  readonly jwtJwksUrl: string | null
  readonly jwtAlgorithms: readonly string[]
  readonly allowWeakJwtSecret: boolean
  readonly webhookUrl: string | null
  readonly webhookSecret: string | null
  readonly wsIdleTimeout: number
  readonly wsPingInterval: number
  readonly port: number
  readonly metricsPort: number | null
}

/** How the settings are called in the environment, and an example of each. */
type Shown = Readonly<
  Record<
    'accountsSecret' | 'jwtSecret' | 'jwtPreviousSecret' | 'webhookSecret' | 'metricsPort',
    { readonly name: string; readonly example: string | undefined }
  >
>

/** What is wrong between settings that are fine each by itself. */
export function contradictions(config: Given, settings: Shown): string[] {
  const found: string[] = []
  const { jwtSecret, jwtPreviousSecret, jwtJwksUrl, accountsSecret } = config
  if (config.environment === 'production') {
    if (config.accounts && accountsSecret === null && jwtSecret === null)
      found.push(
        `ACCOUNTS_SECRET: production needs it for accounts, or JWT_SECRET. Example: ACCOUNTS_SECRET=${settings.accountsSecret.example}`,
      )
    else if (jwtSecret === null && jwtJwksUrl === null && !config.accounts)
      found.push(
        `JWT_SECRET: production needs it, or JWT_JWKS_URL, or ACCOUNTS_SECRET with ACCOUNTS=true. Example: JWT_SECRET=${settings.jwtSecret.example}`,
      )
    if (!config.allowWeakJwtSecret)
      for (const [{ name, example }, value] of [
        [settings.jwtSecret, jwtSecret],
        [settings.jwtPreviousSecret, jwtPreviousSecret],
        [settings.accountsSecret, accountsSecret],
      ] as const) {
        const weakness = value === null ? null : weaknessOf(value)
        if (weakness !== null)
          found.push(
            `${name}: ${weakness}; set ALLOW_WEAK_JWT_SECRET=true if the auth-api cannot change it yet. Example: ${name}=${example}`,
          )
      }
  }
  const shared = jwtSecret !== null || jwtJwksUrl === null
  if (!config.jwtAlgorithms.some((each) => (each === 'HS256' ? shared : jwtJwksUrl !== null)))
    found.push(
      'JWT_ALGORITHMS: none of them fits the keys given, HS256 needs JWT_SECRET, the others JWT_JWKS_URL. Example: JWT_ALGORITHMS=HS256',
    )
  if (config.webhookUrl !== null && config.webhookSecret === null)
    found.push(
      `WEBHOOK_SECRET: is needed for WEBHOOK_URL, so that its receiver can tell who calls. Example: WEBHOOK_SECRET=${settings.webhookSecret.example}`,
    )
  if (config.wsIdleTimeout <= config.wsPingInterval)
    found.push('WS_IDLE_TIMEOUT: must be longer than WS_PING_INTERVAL. Example: WS_IDLE_TIMEOUT=1m')
  if (config.metricsPort !== null && config.metricsPort !== 0 && config.metricsPort === config.port)
    found.push(`METRICS_PORT: must differ from PORT. Example: METRICS_PORT=${settings.metricsPort.example}`)
  const clash = clashing(config.apiPrefix, config.dialects)
  if (clash !== null)
    found.push(
      `API_PREFIX: ${JSON.stringify(config.apiPrefix)} has paths that the dialect ${clash} has; leave that out of DIALECTS, or choose another. Example: API_PREFIX=/api/chat`,
    )
  return found
}
