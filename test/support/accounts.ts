import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { OwnProfileView } from '../../src/domain/profile.ts'
import type { AnyBody } from './api.ts'

/** What a login is answered. */
export interface Tokens {
  access_token: string
  token_type: string
  expires_in: number
  refresh_token: string
  user: OwnProfileView
}

/** An answer: the fields of a login, or those of a problem. */
export interface Answered {
  status: number
  headers: Headers
  text: string
  body: AnyBody & Tokens
}

/** A username that nobody has. */
export const newName = (): string => `mia-${randomBytes(6).toString('hex')}`

export const password = 'white rabbit'

/** How a call is made: as whom, and from where, for services that trust this machine as a proxy. */
export interface How {
  token?: string
  address?: string
  headers?: Record<string, string>
}

/** The client of the routes below `/api/auth`. */
export function accountsAt(url: string) {
  async function call(path: string, body: unknown, { token, address, headers }: How = {}): Promise<Answered> {
    const isEncoded = body instanceof URLSearchParams || body instanceof FormData || typeof body === 'string'
    const response = await fetch(`${url}/api/auth/${path}`, {
      method: 'POST',
      headers: {
        ...(isEncoded || body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(address !== undefined && { 'x-forwarded-for': address }),
        ...headers,
      },
      body: body === undefined ? null : isEncoded ? body : JSON.stringify(body),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text.startsWith('{') ? JSON.parse(text) : {},
    }
  }

  const must = async (status: number, answering: Promise<Answered>): Promise<Tokens> => {
    const answer = await answering
    assert.equal(answer.status, status, answer.text)
    return answer.body
  }

  return {
    call,
    /** A new user, who is logged in. */
    register: (username = newName(), more: object = {}) =>
      must(201, call('register', { username, password, ...more })),
    logIn: (username: string, given = password, how?: How) =>
      call('login', { username, password: given }, how),
    refresh: (refresh_token: string) => call('refresh', { refresh_token }),
    must,
    /** How a request to the core's API is answered. */
    async status(access_token: string, path = '/groups'): Promise<number> {
      const headers = { authorization: `Bearer ${access_token}` }
      return (await fetch(`${url}/api/chat${path}`, { headers })).status
    },
  }
}
