import { contradictions } from './contradictions.ts'
import { dialectNames } from './dialects.ts'
import { limits } from './domain/limits.ts'
import { byRateKind, defaultRate, type RateKind, rateKinds } from './domain/rates.ts'
import { defaultWebhookTypes, webhookTypes } from './domain/webhook.ts'
import { ConfigError, weaknessOf } from './mistakes.ts'
import {
  addressRange,
  contact,
  count,
  duration,
  flag,
  frequency,
  httpUrl,
  type Kind,
  list,
  mongoUrl,
  newKey,
  newWebhookSecret,
  oneOf,
  optional,
  origin,
  receiverUrl,
  secret,
  size,
  someOf,
  text,
  vapidKey,
  webhookSecret,
} from './setting.ts'
import { textOf } from './variables.ts'

export { ConfigError, weaknessOf }

/** What a default may depend on. */
interface Mode {
  readonly production: boolean
  readonly debug: boolean
  /** The limits that others are a share of. */
  readonly requests: number
  readonly messages: number
  readonly searches: number
}

interface Setting<T> {
  /** In the environment and in `.env`. */
  readonly name: string
  /** Another name, which other programs of its kind have for it. */
  readonly alias?: string
  readonly kind: Kind<T>
  readonly fallback: T | ((mode: Mode) => T)
  /** Shown when the value is wrong, for settings whose default is no example. */
  readonly example: string | undefined
  /** The value is never quoted, and `NAME_FILE` may name a file that holds it. */
  readonly secret: boolean
}

const setting = <T>(
  name: string,
  kind: Kind<T>,
  fallback: NoInfer<Setting<T>['fallback']>,
  example?: string,
): Setting<T> => ({ name, kind, fallback, example, secret: false })

const secretSetting = (name: string, kind: Kind<string>, example: string): Setting<string | null> => ({
  ...setting(name, optional(kind), null, example),
  secret: true,
})

const aliased = <T>(setting: Setting<T>, alias: string): Setting<T> => ({ ...setting, alias })

const second = 1_000
const hour = 3_600 * second
const KiB = 1_024
const MiB = 1_024 * KiB
const port = count(0, 65_535)
const rate = count(0, 1_000_000_000)
const timeout = duration(10, hour)
const sockets = count(1, 1_000_000)
const path = text(/^(\/[A-Za-z0-9._~-]+)+$/, 'a path that starts with / and does not end with it')
const hostName = text(/^[A-Za-z0-9._:-]+$/, 'a host name or an address')
const localPages = ['http://localhost:3000', 'http://localhost:8000']
const mongoExample = 'mongodb://user:password@localhost:27017/?replicaSet=rs0'
const algorithms = ['HS256', 'RS256', 'PS256', 'ES256', 'EdDSA'] as const

type RateSettings = { [Kind in RateKind as RateKey<Kind>]: Setting<number> }
type RateKey<Kind extends RateKind> = `rateLimit${Capitalize<Kind>}`

const rateKey = (kind: RateKind): string => `rateLimit${kind.slice(0, 1).toUpperCase()}${kind.slice(1)}`

const rateSettings = () =>
  Object.fromEntries(
    Object.keys(rateKinds).map((kind) => [
      rateKey(kind as RateKind),
      setting(`RATE_LIMIT_${kind.toUpperCase()}`, rate, (mode) => defaultRate(kind as RateKind, mode)),
    ]),
  ) as RateSettings

/** Every variable there is; `.env.example` says what each is for, and a test holds the two together. */
export const settings = {
  environment: setting('ENVIRONMENT', oneOf('development', 'production'), 'development'),
  host: setting('HOST', hostName, ({ production }) => (production ? '0.0.0.0' : '127.0.0.1')),
  port: setting('PORT', port, 8001),
  metricsPort: setting('METRICS_PORT', optional(port), null, '9100'),
  apiPrefix: setting('API_PREFIX', path, '/api/chat'),
  chatPage: setting('CHAT_PAGE', flag, true),
  websocketTest: setting('WEBSOCKET_TEST', flag, ({ production }) => !production),
  dialects: setting('DIALECTS', someOf(...dialectNames), ({ production }) =>
    production ? [] : dialectNames,
  ),
  corsOrigins: setting('CORS_ORIGINS', list(origin), ({ production }) =>
    production ? localPages : [...localPages, 'null'],
  ),

  jwtSecret: aliased(
    secretSetting('JWT_SECRET', secret, 'the output of: openssl rand -base64 48'),
    'SECRET_KEY',
  ),
  jwtPreviousSecret: secretSetting('JWT_PREVIOUS_SECRET', secret, 'the old JWT_SECRET'),
  allowWeakJwtSecret: setting('ALLOW_WEAK_JWT_SECRET', flag, false),
  jwtJwksUrl: setting(
    'JWT_JWKS_URL',
    optional(httpUrl),
    null,
    'https://auth.example.com/.well-known/jwks.json',
  ),
  jwtJwksMaxAge: setting('JWT_JWKS_MAX_AGE', duration(second, 24 * 3_600 * second), 300 * second),
  jwtAlgorithms: aliased(setting('JWT_ALGORITHMS', list(oneOf(...algorithms)), algorithms), 'ALGORITHM'),
  jwtIssuer: setting('JWT_ISSUER', optional(text(/./, 'not empty')), null, 'https://auth.example.com'),
  jwtAudience: setting('JWT_AUDIENCE', optional(text(/./, 'not empty')), null, 'chat'),

  accounts: setting('ACCOUNTS', flag, ({ production }) => !production),
  accountsSecret: secretSetting('ACCOUNTS_SECRET', secret, 'the output of: openssl rand -base64 48'),
  accessTokenExpireMinutes: setting('ACCESS_TOKEN_EXPIRE_MINUTES', count(1, limits.accessTokenMinutes), 30),

  dataDir: setting('DATA_DIR', text(/./, 'a folder'), './data'),
  mongodbUrl: secretSetting('MONGODB_URL', mongoUrl, mongoExample),
  databaseName: setting(
    'DATABASE_NAME',
    text(/^[^\s/\\."$*<>:|?]{1,63}$/, 'a MongoDB database name'),
    'chat_db',
  ),
  mongoTimeout: setting('MONGO_TIMEOUT', timeout, 5 * second),
  eventRetentionDays: setting('EVENT_RETENTION_DAYS', count(1, 36_500), 30),
  messageRevisions: setting('MESSAGE_REVISIONS', flag, true),
  search: setting('SEARCH', flag, true),

  keepDeletedText: setting('KEEP_DELETED_TEXT', flag, true),
  userSearch: setting('USER_SEARCH', flag, true),
  deletedRetentionDays: setting('DELETED_RETENTION_DAYS', count(0, 36_500), 0),
  messageRetentionDays: setting('MESSAGE_RETENTION_DAYS', count(0, 36_500), 0),
  auditRetentionDays: setting('AUDIT_RETENTION_DAYS', count(1, 36_500), 365),
  files: setting('FILES', flag, true),
  maxFileBytes: setting('MAX_FILE_BYTES', size(1, 1_024 * MiB), 25 * MiB),
  uploadBytesPerDay: setting('UPLOAD_BYTES_PER_DAY', size(1, MiB * MiB), 1_024 * MiB),

  maxBody: setting('MAX_BODY', size(KiB, 16 * MiB), 192 * KiB),
  maxGroupMembers: setting('MAX_GROUP_MEMBERS', count(1, limits.groupMembers), 10_000),
  maxReplay: setting('MAX_REPLAY', count(1, 1_000_000), 10_000),
  ...rateSettings(),
  rateLimitRegistrations: setting('RATE_LIMIT_REGISTRATIONS', frequency, ({ production }) =>
    production ? { most: 20, windowMs: hour } : { most: 0, windowMs: 60 * second },
  ),
  rateLimitRooms: setting('RATE_LIMIT_ROOMS', frequency, { most: 20, windowMs: hour }),
  trustedProxies: setting('TRUSTED_PROXIES', list(addressRange), [], '10.0.0.0/8, ::1'),
  wsMaxFrame: setting('WS_MAX_FRAME', size(KiB, 16 * MiB), 192 * KiB),
  wsMaxBuffer: setting('WS_MAX_BUFFER', size(64 * KiB, 1_024 * MiB), MiB),
  wsPingInterval: setting('WS_PING_INTERVAL', timeout, 25 * second),
  wsIdleTimeout: setting('WS_IDLE_TIMEOUT', timeout, 60 * second),
  wsMaxConnections: setting('WS_MAX_CONNECTIONS', sockets, 10_000),
  wsMaxConnectionsPerUser: setting('WS_MAX_CONNECTIONS_PER_USER', sockets, 100),
  shutdownTimeout: setting('SHUTDOWN_TIMEOUT', timeout, 10 * second),

  webhookUrl: setting('WEBHOOK_URL', optional(receiverUrl), null, 'https://example.com/chat-events'),
  webhookSecret: secretSetting('WEBHOOK_SECRET', webhookSecret, newWebhookSecret()),
  webhookEvents: setting('WEBHOOK_EVENTS', list(oneOf(...webhookTypes)), defaultWebhookTypes),

  pushContact: setting('PUSH_CONTACT', optional(contact), null, 'mailto:ops@example.com'),
  vapidPrivateKey: secretSetting('VAPID_PRIVATE_KEY', vapidKey, newKey()),
  pushContent: setting('PUSH_CONTENT', flag, true),
  pushPrivateEndpoints: setting('PUSH_PRIVATE_ENDPOINTS', flag, false),

  dashboardToken: secretSetting('DASHBOARD_TOKEN', secret, 'the output of: openssl rand -hex 24'),
  debug: setting('DEBUG', flag, false),
  logLevel: setting('LOG_LEVEL', oneOf('DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'), ({ debug }) =>
    debug ? 'DEBUG' : 'INFO',
  ),
  logJsonFormat: setting('LOG_JSON_FORMAT', flag, ({ production }) => production),
  logSqlQueries: setting('LOG_SQL_QUERIES', flag, false),
}

type Settings = typeof settings

/** Times are milliseconds, sizes bytes, what was left out null. Frozen. */
export type Config = {
  readonly [Key in keyof Settings]: Settings[Key] extends Setting<infer T> ? T : never
}

/** Units a minute by kind. */
export const ratesOf = (config: Config) =>
  byRateKind((kind): number => config[rateKey(kind) as RateKey<RateKind>])

/** For how many milliseconds the text of a deleted message is kept; null for good. What was kept before it was not wanted goes too. */
export function deletedKeptMs({ keepDeletedText, deletedRetentionDays }: Config): number | null {
  if (!keepDeletedText) return 0
  return deletedRetentionDays === 0 ? null : deletedRetentionDays * 24 * hour
}

/** Reads every setting out of the environment. A variable that is empty counts as left out. Throws ConfigError. */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const mistakes: string[] = []
  const mode = { production: false, debug: false, requests: 0, messages: 0, searches: 0 }

  function read<T>(setting: Setting<T>): T {
    const fallback = defaultOf(setting, mode)
    let value = ''
    try {
      value = textOf(setting, env)
      return value === '' ? fallback : setting.kind.read(value)
    } catch (error) {
      const quoted = setting.secret || value === '' ? '' : `${JSON.stringify(value)} `
      const example = setting.example ?? setting.kind.show(fallback)
      mistakes.push(
        `${setting.name}: ${quoted}${(error as Error).message}. Example: ${setting.name}=${example}`,
      )
      return fallback
    }
  }

  mode.production = read(settings.environment) === 'production'
  mode.debug = read(settings.debug)
  mode.requests = read(settings.rateLimitRequests)
  mode.messages = read(settings.rateLimitMessages)
  mode.searches = read(settings.rateLimitSearches)
  mistakes.length = 0 // all are read again with the others
  const config = Object.fromEntries(
    Object.entries(settings).map(([key, setting]) => [key, read(setting as Setting<unknown>)]),
  ) as Config
  mistakes.push(...contradictions(config, settings))
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  return Object.freeze(config)
}

const defaultOf = <T>({ fallback }: Setting<T>, mode: Mode): T =>
  fallback instanceof Function ? fallback(mode) : fallback

/** The effective values as `.env` would hold them, secrets masked; what is not the default is marked. */
export function describeConfig(config: Config): string {
  const mode = {
    production: config.environment === 'production',
    debug: config.debug,
    requests: config.rateLimitRequests,
    messages: config.rateLimitMessages,
    searches: config.rateLimitSearches,
  }
  const lines = Object.entries(settings).map(([key, each]) => {
    const setting = each as Setting<unknown>
    const value = setting.kind.show(config[key as keyof Config])
    const given = value !== setting.kind.show(defaultOf(setting, mode))
    return `${setting.name}=${value}${given ? '  # set' : ''}`
  })
  return lines.join('\n')
}
