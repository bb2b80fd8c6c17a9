import { createVerifier } from '../../src/auth/token.ts'
import type { Config } from '../../src/config.ts'
import { ChatError } from '../../src/domain/errors.ts'
import type { Check } from '../../src/store/check.ts'

type Claims = Record<string, unknown>

/** Whether the service with this configuration takes the token, and if not, why exactly. */
export async function checkToken(config: Config, token: string): Promise<Check[]> {
  const what = 'token'
  const { header, payload } = decode(token)
  let reason: string | undefined
  const { verify } = createVerifier(config, {
    onRefused: (refusal) => {
      reason = refusal
    },
  })
  try {
    const { userId, admin, expiresAt } = await verify(token)
    const text = `taken: it is ${userId}'s${admin ? ', with chat:admin' : ''}, and ends ${moment(expiresAt)}`
    return [{ level: 'ok', what, text }]
  } catch (error) {
    if (!(error instanceof ChatError)) throw error
    const fact = factFor(reason, header, payload, config)
    return [{ level: 'fail', what, text: `refused: ${error.message}${fact ? ` ${fact}` : ''}` }]
  }
}

/** Compares what the token has with what it would have to have. */
function factFor(
  reason: string | undefined,
  header: Claims,
  payload: Claims,
  config: Config,
): string | undefined {
  const { jwtAlgorithms, jwtIssuer, jwtAudience, jwtSecret, jwtJwksUrl } = config
  switch (reason) {
    case 'algorithm':
      return `It says ${show(header.alg)}; JWT_ALGORITHMS is ${jwtAlgorithms.join(', ')}.`
    case 'unknown_key':
      return `It is signed with ${show(header.alg)} by key ${show(header.kid)}; ${keysOf(jwtSecret, jwtJwksUrl)}.`
    case 'signature':
      return `It was made with another key than ours: ${keysOf(jwtSecret, jwtJwksUrl)}. Compare it with the auth-api's.`
    case 'expired':
      return `It ended ${moment(Number(payload.exp) * 1_000)}.`
    case 'not_yet_valid':
      return `It begins ${moment(Number(payload.nbf) * 1_000)}; it is ${moment(Date.now())} here. Are the clocks right?`
    case 'issuer':
      return `It says ${show(payload.iss)}; JWT_ISSUER is ${show(jwtIssuer)}.`
    case 'audience':
      return `It says ${show(payload.aud)}; JWT_AUDIENCE is ${show(jwtAudience)}.`
    case 'subject':
      return `It says ${show(payload.sub)}.`
    default:
      return undefined
  }
}

const keysOf = (secret: string | null, jwksUrl: string | null): string =>
  [secret === null ? '' : 'JWT_SECRET is set', jwksUrl === null ? '' : `JWT_JWKS_URL is ${jwksUrl}`]
    .filter((part) => part !== '')
    .join(', ') || 'neither JWT_SECRET nor JWT_JWKS_URL is set'

const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value))

function moment(at: number): string {
  if (!(Math.abs(at) <= 8.64e15)) return 'at no time that there is'
  const minutes = Math.round((at - Date.now()) / 60_000)
  const [amount, unit] =
    Math.abs(minutes) < 120 ? [minutes, 'minute' as const] : ([Math.round(minutes / 60), 'hour'] as const)
  const distance = new Intl.RelativeTimeFormat('en').format(amount, unit)
  return `${distance} (${new Date(at).toISOString()})`
}

/** Reads the token without checking its signature; {} for a part that cannot be read. */
function decode(token: string): { header: Claims; payload: Claims } {
  const [header = {}, payload = {}] = token.split('.').map((part): Claims => {
    try {
      const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
      return typeof value === 'object' && value !== null ? { ...value } : {}
    } catch {
      return {}
    }
  })
  return { header, payload }
}
