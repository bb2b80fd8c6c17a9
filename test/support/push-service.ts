import { createECDH, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { importJWK, type JWTPayload, jwtVerify } from 'jose'
import { eventually } from './eventually.ts'

/** Its types are not published; it comes with web-push. */
const ece: { decrypt(body: Buffer, options: object): Buffer } = createRequire(
  createRequire(import.meta.url).resolve('web-push'),
)('http_ece')

/** What a browser was told, decrypted by the library of web-push, and the token that came with it, verified. */
export interface Pushed {
  readonly payload: Record<string, unknown>
  readonly headers: IncomingHttpHeaders
  readonly token: JWTPayload
  /** By which the token was verified. */
  readonly key: string
}

/** A browser, as its `PushSubscription` shows it. */
export interface Browser {
  readonly subscription: { endpoint: string; expirationTime: null; keys: { p256dh: string; auth: string } }
  readonly pushed: readonly Pushed[]
  hears(count: number): Promise<void>
}

/** A push service, and browsers that are subscribed at it. */
export interface PushService {
  browser(): Browser
  /** How it answers from now on; 201 unless told otherwise. */
  answer: (response: ServerResponse) => void
  readonly requests: number
  [Symbol.asyncDispose](): Promise<void>
}

export async function startPushService(): Promise<PushService> {
  const receivers = new Map<string, (body: Buffer, headers: IncomingHttpHeaders) => Promise<void>>()
  let requests = 0
  const server = createServer(async (request, response) => {
    requests++
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    await receivers.get(request.url ?? '')?.(Buffer.concat(chunks), request.headers)
    service.answer(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

  async function verify(authorization = ''): Promise<{ token: JWTPayload; key: string }> {
    const [, token = '', key = ''] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(authorization) ?? []
    const point = Buffer.from(key, 'base64url')
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'))
    const jwk = await importJWK({ kty: 'EC', crv: 'P-256', x: x ?? '', y: y ?? '' }, 'ES256')
    const verified = await jwtVerify(token, jwk, { audience: origin, requiredClaims: ['exp', 'sub'] })
    return { token: verified.payload, key }
  }

  const service: PushService = {
    browser() {
      const keys = createECDH('prime256v1')
      keys.generateKeys()
      const auth = randomBytes(16)
      const path = `/${randomBytes(12).toString('hex')}`
      const pushed: Pushed[] = []
      receivers.set(path, async (body, headers) => {
        const plain = ece.decrypt(body, { version: 'aes128gcm', privateKey: keys, authSecret: auth })
        pushed.push({
          payload: JSON.parse(plain.toString()),
          headers,
          ...(await verify(headers.authorization)),
        })
      })
      return {
        subscription: {
          endpoint: origin + path,
          expirationTime: null,
          keys: { p256dh: keys.getPublicKey('base64url'), auth: auth.toString('base64url') },
        },
        pushed,
        hears: (count) => eventually(`the browser is told ${count} times`, () => pushed.length >= count),
      }
    },
    answer: (response) => response.writeHead(201).end(),
    get requests() {
      return requests
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return service
}
