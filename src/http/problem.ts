import { STATUS_CODES } from 'node:http'
import { Type } from 'typebox'
import { ChatError } from '../domain/errors.ts'
import { type AnyErrorCode, errorCodes, type HttpErrorCode, internalDetail } from '../protocol/error-codes.ts'
import type { WholeReply } from './reply.ts'

/** A failure that only HTTP knows. `message` is safe to show. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly code: HttpErrorCode
  readonly headers: Record<string, string>

  constructor(code: HttpErrorCode, message: string, headers: Record<string, string> = {}) {
    super(message)
    this.code = code
    this.headers = headers
  }
}

const byStatus = Object.entries(errorCodes)
  .sort(([, a], [, b]) => a.status - b.status)
  .map(([code]) => code)

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'Always about:blank: `code` tells failures apart.' }),
    title: Type.String({ description: "The status's phrase." }),
    status: Type.Integer(),
    detail: Type.String({ description: 'For a person.' }),
    code: Type.Union(
      byStatus.map((code) => Type.Literal(code)),
      { description: 'For a program.' },
    ),
    correlation_id: Type.String({ description: 'Finds the request in the log.' }),
    errors: Type.Optional(Type.Array(Type.Object({ field: Type.String(), message: Type.String() }))),
  },
  { title: 'Problem', description: 'RFC 9457' },
)

const defaultRetryMs = 5_000

/** The code of any failure; what we did not foresee is internal. */
export const codeOf = (error: unknown): AnyErrorCode =>
  error instanceof ChatError || error instanceof HttpError ? error.code : 'internal'

/**
 * Any failure as an answer (RFC 9457); one we did not foresee tells nothing of the inside. `tokenGiven`: a 401 says
 * that the token was wrong (RFC 6750, 3.1), not only that one is missing.
 */
export function problem(
  error: unknown,
  { correlationId, tokenGiven }: { correlationId: string; tokenGiven: boolean },
): WholeReply {
  const code = codeOf(error)
  const { status } = errorCodes[code]
  const fields = error instanceof ChatError ? error.fields : []
  const body = {
    type: 'about:blank',
    title: STATUS_CODES[status],
    status,
    detail: code === 'internal' ? internalDetail : (error as Error).message,
    code,
    correlation_id: correlationId,
    ...(fields.length ? { errors: fields } : undefined),
  }
  return {
    status,
    type: 'application/problem+json',
    body: JSON.stringify(body),
    headers: error instanceof HttpError ? error.headers : headersOf(code, error, tokenGiven),
  }
}

function headersOf(code: AnyErrorCode, error: unknown, tokenGiven: boolean): Record<string, string> {
  if (code === 'unauthenticated')
    return { 'WWW-Authenticate': tokenGiven ? 'Bearer error="invalid_token"' : 'Bearer' }
  if (code !== 'rate_limited' && code !== 'unavailable') return {}
  const ms = (error instanceof ChatError ? error.retryAfterMs : undefined) ?? defaultRetryMs
  return { 'Retry-After': String(Math.max(1, Math.ceil(ms / 1_000))) }
}
