import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { gzipSync } from 'node:zlib'
import { Type } from 'typebox'
import { matchesTag } from '../domain/byte-range.ts'
import type { Reply, WholeReply } from './reply.ts'
import { publicRoute, type Route } from './route.ts'

/** Of what was smaller than this, or shrinks by less than a tenth, nobody would notice that it is compressed. */
const leastZipped = 1_024

/**
 * A reply that stays as it is for as long as the process lives: it is compressed once, and not sent again to who has it. A browser
 * asks each time whether there is another one.
 */
export function standing(reply: WholeReply): (request: IncomingMessage) => Reply {
  const body = Buffer.from(reply.body ?? '')
  const smaller = body.length < leastZipped ? body : gzipSync(body, { level: 9 })
  const zipped = smaller.length < body.length * 0.9 ? smaller : null
  const tag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`
  const headers = {
    ...reply.headers,
    'Cache-Control': 'no-cache',
    // Weak: what is compressed has the same one.
    ETag: `W/${tag}`,
    Vary: `${reply.headers?.Vary ?? 'Origin'}, Accept-Encoding`,
  }
  const whole: Reply = { ...reply, body, headers }
  const packed = zipped && { ...reply, body: zipped, headers: { ...headers, 'Content-Encoding': 'gzip' } }

  return ({ headers: asked }) => {
    if (matchesTag(asked['if-none-match'], tag)) return { status: 304, headers }
    return packed && takesGzip(asked['accept-encoding']) ? packed : whole
  }
}

/** RFC 9110, 12.5.3: a weight of 0 is a refusal. */
const takesGzip = (accepted: string | string[] | undefined): boolean =>
  /(^|[,\s])(gzip|\*)(?!\s*;\s*q=0(\.0*)?\s*(,|$))\s*(;|,|$)/i.test(String(accepted ?? ''))

/** A route that answers everybody the same, as long as the process lives. */
export function standingRoute(
  spec: { readonly path: string; readonly name: string; readonly about: string },
  reply: WholeReply,
): Route {
  const answer = standing(reply)
  const [type = ''] = (reply.type ?? '').split(';')
  return publicRoute({
    ...spec,
    method: 'GET',
    answers: {
      200: { about: 'The file', types: [type], ...(type.endsWith('json') && { schema: Type.Object({}) }) },
      304: { about: 'It is as `If-None-Match` has it' },
    },
    errors: [],
    handle: ({ request }) => answer(request),
  })
}
