import type { GroupView } from '../../src/domain/group.ts'
import type { MessageView } from '../../src/domain/message.ts'
import { tokenFor } from './process.ts'

type AnsweredMessage = MessageView & { my_reactions: string[] }

/** A message as it is told to all. An answer has the caller's own reactions, too. */
export const told = ({ my_reactions: _, ...message }: AnsweredMessage): MessageView => message

/** The REST client of all tests. Its calls are those of one user, unless a call names another. */
export interface Api {
  /** Makes any call. Resolves with the answer, whatever it is. */
  call<T = AnyBody>(method: string, path: string, asked?: Asked): Promise<Answer<T>>
  createGroup(name: string, members: readonly string[], who?: Who): Promise<GroupView>
  send(groupId: string, content: string, how?: Who & { clientId?: string }): Promise<MessageView>
  /** All messages of the group, oldest first, read page by page through `before`. */
  history(groupId: string, who?: Who): Promise<MessageView[]>
}

export interface Who {
  /** The user whose token is sent, in place of the client's own. ` (admin)` after the id gives it the scope chat:admin. */
  as?: string
}

export interface Asked extends Who {
  /** The body, which is sent as JSON. */
  body?: unknown
  /** The body, which is sent as it is. */
  raw?: string | Uint8Array<ArrayBuffer>
  headers?: Record<string, string>
}

export interface Answer<T = AnyBody> {
  status: number
  headers: Headers
  text: string
  /** The text as JSON; {} when there is none. */
  body: T
}

export interface ProblemView {
  status: number
  code: string
  detail: string
  correlation_id: string
  errors?: { field: string; message: string }[]
}

/** An answer of unknown shape, which may be a problem. */
export type AnyBody = ProblemView & Record<string, unknown>

/** Throws when the answer is not as it should be. */
export type Check = (method: string, path: string, response: Response, body: unknown) => void

interface Options extends Who {
  token?: string
  check?: Check
}

/** What all paths of the API begin with, unless API_PREFIX says otherwise. */
export const baseOf = (url: string): string => `${url}/api/chat`

/** The client of one user of the service at this URL. */
export const apiOf = (url: string, user: string): Api => createApi(baseOf(url), { as: user })

export const tokenOf = (as: string): Promise<string> =>
  as.endsWith(' (admin)') ? tokenFor(as, { scope: 'chat:admin' }) : tokenFor(as)

/** All paths begin with `base`. Calls that name nobody are made by `as`, or with `token`. `check` sees every answer. */
export function createApi(base: string, options: Options = {}): Api {
  const { check = () => undefined } = options
  let own = options.token === undefined ? undefined : Promise.resolve(options.token)

  function bearerOf(as: string | undefined): Promise<string> | undefined {
    if (as) return tokenOf(as)
    if (options.as) own ??= tokenOf(options.as)
    return own
  }

  const call: Api['call'] = async <T>(method: string, path: string, asked: Asked = {}) => {
    const { as, body, raw } = asked
    const sent = body === undefined ? raw : JSON.stringify(body)
    const headers = new Headers()
    const bearer = await bearerOf(as)
    if (bearer !== undefined) headers.set('authorization', `Bearer ${bearer}`)
    if (sent !== undefined) headers.set('content-type', 'application/json')
    for (const [name, value] of Object.entries(asked.headers ?? {})) headers.set(name, value)
    const response = await fetch(base + path, { method, headers, body: sent ?? null })
    const text = await response.text()
    const isJson = /json\b/.test(response.headers.get('content-type') ?? '')
    const answered = text && isJson ? JSON.parse(text) : {}
    check(method, path, response, answered)
    return { status: response.status, headers: response.headers, text, body: answered as T }
  }

  /** The body of an answer, which must have one of these statuses. */
  async function must<T>(statuses: readonly number[], answering: Promise<Answer<T>>): Promise<T> {
    const { status, body } = await answering
    if (!statuses.includes(status)) throw new Error(`answered ${status}: ${JSON.stringify(body)}`)
    return body
  }

  return {
    call,
    createGroup(name, members, who) {
      const body = { name, authorized_user_ids: members }
      return must([201], call<GroupView>('POST', '/groups', { ...who, body }))
    },
    async send(groupId, content, { clientId, ...who } = {}) {
      const body = { content, client_id: clientId }
      const path = `/groups/${groupId}/messages`
      return told(await must([200, 201], call<AnsweredMessage>('POST', path, { ...who, body })))
    },
    async history(groupId, who) {
      const all: MessageView[] = []
      for (let before = 2 ** 50; ; ) {
        const path = `/groups/${groupId}/messages?before=${before}&limit=100`
        const page = await must(
          [200],
          call<{ messages: AnsweredMessage[]; has_more: boolean }>('GET', path, who),
        )
        all.push(...page.messages.map(told))
        before = page.messages.at(-1)?.seq ?? 0
        if (!page.has_more) return all.reverse()
      }
    },
  }
}
