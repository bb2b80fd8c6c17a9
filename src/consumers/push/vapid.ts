import { createECDH, randomBytes } from 'node:crypto'
import { importJWK, SignJWT } from 'jose'
import { createBoundedMap } from '../../domain/bounded-map.ts'

/** The keys by which push services know this installation (RFC 8292). */
export interface Vapid {
  /** Uncompressed point, in base64url: browsers subscribe with it. */
  readonly publicKey: string
  /** The header `Authorization` for a request to this origin. */
  authorization(origin: string): Promise<string>
}

/** A private key, in base64url: 32 bytes that are a number of the curve. */
export function newVapidKey(): string {
  for (;;) {
    const key = randomBytes(32)
    if (publicKeyOf(key)) return key.toString('base64url')
  }
}

/** null for what is no key of the curve. */
function publicKeyOf(privateKey: Buffer): Buffer | null {
  const ecdh = createECDH('prime256v1')
  try {
    ecdh.setPrivateKey(privateKey)
    return ecdh.getPublicKey()
  } catch {
    return null
  }
}

/** Tokens last for so long (at most 24 hours are taken), and are made anew when half of it is over. In milliseconds. */
const lifetimeMs = 12 * 3_600_000
/** So many push services are remembered, of which there are a handful. */
const remembered = 1_000

/** `contact`: a mailto: or https: address, for the people of push services. Throws Error for what is no key. */
export async function createVapid(privateKey: string, contact: string, now: () => number): Promise<Vapid> {
  const secret = Buffer.from(privateKey, 'base64url')
  const point = publicKeyOf(secret)
  if (!point) throw new Error('This is no private key of P-256.')
  const publicKey = point.toString('base64url')
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'))
  const jwk = { kty: 'EC', crv: 'P-256', d: secret.toString('base64url'), x: x ?? '', y: y ?? '' }
  const key = await importJWK(jwk, 'ES256')
  const tokens = createBoundedMap<{ token: string; until: number }>(remembered)

  return {
    publicKey,
    async authorization(origin) {
      let known = tokens.get(origin)
      if (!known || now() > known.until) {
        const expires = now() + lifetimeMs
        const token = await new SignJWT({})
          .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
          .setAudience(origin)
          .setSubject(contact)
          .setExpirationTime(Math.floor(expires / 1_000))
          .sign(key)
        known = { token, until: now() + lifetimeMs / 2 }
        tokens.set(origin, known)
      }
      return `vapid t=${known.token}, k=${publicKey}`
    },
  }
}
