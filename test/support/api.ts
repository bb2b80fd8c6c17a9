import type { GroupView } from '../../src/domain/group.ts'
import type { MessageView } from '../../src/domain/message.ts'

/** A REST client of one user, as small as a test needs it. */
export interface Api {
  /** Any call: resolves with the status and the JSON of the answer, whatever they are. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>
  createGroup(name: string, members: string[]): Promise<GroupView>
  send(groupId: string, content: string, clientId?: string): Promise<MessageView>
  /** All messages of the group, oldest first, read page by page through `before`. */
  history(groupId: string): Promise<MessageView[]>
}

export interface Answer {
  status: number
  body: Record<string, unknown>
  headers: Headers
}

/** `base`: the service's URL with its prefix. */
export function createApi(base: string, token: string): Api {
  const call: Api['call'] = async (method, path, body, headers = {}) => {
    const response = await fetch(base + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? undefined : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? undefined : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      body: text ? (JSON.parse(text) as Answer['body']) : {},
      headers: response.headers,
    }
  }

  const expect = async (status: number[], answer: Promise<Answer>) => {
    const { status: got, body } = await answer
    if (!status.includes(got)) throw new Error(`answered ${got}: ${JSON.stringify(body)}`)
    return body
  }

  return {
    call,
    createGroup: async (name, members) =>
      (await expect([201], call('POST', '/groups', { name, authorized_user_ids: members }))) as GroupView,
    send: async (groupId, content, clientId) =>
      (await expect(
        [200, 201],
        call('POST', `/groups/${groupId}/messages`, { content, ...(clientId && { client_id: clientId }) }),
      )) as MessageView,
    async history(groupId) {
      const all: MessageView[] = []
      for (let before = 2 ** 50; ; ) {
        const page = await expect(
          [200],
          call('GET', `/groups/${groupId}/messages?before=${before}&limit=100`),
        )
        const messages = page.messages as MessageView[]
        all.push(...messages)
        before = messages.at(-1)?.seq ?? 0
        if (!page.has_more) return all.reverse()
      }
    },
  }
}
