import type { Config } from '../../src/config.ts'
import { weaknessOf } from '../../src/mistakes.ts'
import type { Check } from '../../src/store/check.ts'

/** A DASHBOARD_TOKEN that is shorter can be guessed. */
const shortestToken = 16

/** Checks that need only the values. Values that cannot be right at all were refused when the configuration was read. */
export function checkConfiguration(config: Config): Check[] {
  return [users(config), ...secrets(config), ...openness(config)]
}

/** Which kind of installation this is. */
function users(config: Config): Check {
  const { accounts, accountsSecret, jwtSecret, jwtJwksUrl } = config
  const what = 'users'
  const issuer = jwtJwksUrl ?? (jwtSecret === null ? null : 'whoever has JWT_SECRET')
  if (!accounts) {
    const from = issuer ?? 'whoever has the secret that development makes'
    return { level: 'ok', what, text: `log in elsewhere (ACCOUNTS=false): tokens are taken of ${from}` }
  }
  if (accountsSecret === null && jwtSecret === null && config.environment === 'production')
    return { level: 'fail', what, text: 'ACCOUNTS=true needs ACCOUNTS_SECRET or JWT_SECRET' }
  const beside = issuer === null ? 'and nowhere else' : `and beside them tokens are taken of ${issuer}`
  return { level: 'ok', what, text: `register and log in here (ACCOUNTS=true), ${beside}` }
}

function secrets({ accounts, accountsSecret, jwtSecret, jwtPreviousSecret, jwtJwksUrl }: Config): Check[] {
  const found: Check[] = []
  for (const [what, secret] of [
    ['JWT_SECRET', jwtSecret],
    ['JWT_PREVIOUS_SECRET', jwtPreviousSecret],
    ['ACCOUNTS_SECRET', accountsSecret],
  ] as const) {
    if (secret === null) continue
    const weakness = weaknessOf(secret)
    const advice = 'Make one with: openssl rand -base64 48'
    found.push(
      weakness === null
        ? { level: 'ok', what, text: `${Buffer.byteLength(secret)} bytes` }
        : { level: 'warn', what, text: `${weakness}. ${advice}` },
    )
  }
  if (jwtSecret === null && jwtJwksUrl === null && !(accounts && accountsSecret !== null))
    found.push({
      level: 'warn',
      what: 'JWT_SECRET',
      text: 'not set: one is made for development; production refuses to start. Set it to that of the auth-api, or JWT_JWKS_URL.',
    })
  return found
}

function openness({ environment, pushPrivateEndpoints, dashboardToken, corsOrigins, host }: Config): Check[] {
  const found: Check[] = []
  if (dashboardToken === null && environment === 'production')
    found.push({
      level: 'warn',
      what: 'dashboard',
      text: 'whoever reaches the service sees /dashboard and /metrics. Set DASHBOARD_TOKEN to close them.',
    })
  if (dashboardToken !== null && dashboardToken.length < shortestToken)
    found.push({
      level: 'warn',
      what: 'DASHBOARD_TOKEN',
      text: `has ${dashboardToken.length} characters, and programs may try as often as they like. Make one with: openssl rand -hex 24`,
    })
  if (pushPrivateEndpoints && environment === 'production')
    found.push({
      level: 'fail',
      what: 'PUSH_PRIVATE_ENDPOINTS',
      text: 'lets any user have the service ask machines of your network. It is for tests: leave it out.',
    })
  if (corsOrigins.includes('*'))
    found.push({
      level: 'warn',
      what: 'CORS_ORIGINS',
      text: '* lets the pages of any site talk to the service. Name the origins of your clients.',
    })
  if (environment === 'development' && host !== '127.0.0.1' && host !== 'localhost' && host !== '::1')
    found.push({
      level: 'warn',
      what: 'ENVIRONMENT',
      text: `development, on ${host}, which others may reach. Set ENVIRONMENT=production.`,
    })
  return found
}
