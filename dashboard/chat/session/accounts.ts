/** What the service gives to whoever logs in. */
export interface Granted {
  readonly access_token: string
  readonly refresh_token: string
  readonly user: { readonly id: string; readonly username: string; readonly display_name: string }
}

/** The routes with which one logs in and out. Each rejects with Refusal, or, when there was no answer, with another error. */
export interface Accounts {
  logIn(username: string, password: string): Promise<Granted>
  register(username: string, password: string): Promise<Granted>
  refresh(refreshToken: string): Promise<Granted>
  logOut(token: string, refreshToken: string): Promise<unknown>
  /** Of whom the token is. */
  me(token: string): Promise<Granted['user']>
}

/** The service says no, in its own sentence. */
export class Refusal extends Error {
  readonly status: number

  constructor(status: number, sentence: string) {
    super(sentence)
    this.status = status
  }
}

interface Problem {
  readonly detail?: string
  readonly errors?: readonly { readonly field: string; readonly message: string }[]
}

export function createAccounts(fetch: typeof globalThis.fetch, prefix: string): Accounts {
  async function request<T>(path: string, init: RequestInit): Promise<T> {
    const response = await fetch(path, init).catch(() => {
      throw new Error('The service does not answer. Try again in a moment.')
    })
    const body: unknown = await response.json().catch(() => null)
    if (response.ok) return body as T
    const { detail, errors = [] } = (body ?? {}) as Problem
    const [mistake] = errors
    const sentence = mistake ? `The ${mistake.field} ${mistake.message}.` : detail
    throw new Refusal(response.status, sentence ?? `The service answers ${response.status}.`)
  }

  const post = <T>(path: string, body: object, token?: string): Promise<T> =>
    request(`/api/auth/${path}`, {
      method: 'POST',
      // A page that is being left sends it nevertheless.
      keepalive: true,
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify(body),
    })

  return {
    logIn: (username, password) => post('login', { username, password }),
    register: (username, password) => post('register', { username, password }),
    refresh: (refresh_token) => post('refresh', { refresh_token }),
    logOut: (token, refresh_token) => post('logout', { refresh_token }, token),
    me: (token) => request(`${prefix}/users/me`, { headers: { authorization: `Bearer ${token}` } }),
  }
}
