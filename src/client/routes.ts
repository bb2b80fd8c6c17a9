import type { Rest } from './rest.ts'
import type { Files, Group, GroupPage, Groups, Messages, Push, Users } from './types.ts'

/**
 * `METHOD /path/{}`: ids fill the places in their order; what is given beside them is the query of a GET, and else the body. With
 * another `{}` at the end the body may not be left out.
 */
const tables = {
  groups: {
    list: 'GET /groups',
    get: 'GET /groups/{}',
    create: 'POST /groups',
    update: 'PUT /groups/{}',
    delete: 'DELETE /groups/{}',
    join: 'POST /groups/{}/join',
    members: 'GET /groups/{}/members',
    changeMember: 'PATCH /groups/{}/members/{}',
    removeMember: 'DELETE /groups/{}/members/{}',
    ban: 'PUT /groups/{}/bans/{} {}',
    unban: 'DELETE /groups/{}/bans/{}',
    bans: 'GET /groups/{}/bans',
    invite: 'POST /groups/{}/invites {}',
    invites: 'GET /groups/{}/invites',
    removeInvite: 'DELETE /groups/{}/invites/{}',
    invited: 'GET /invites/{}',
    accept: 'POST /invites/{}/accept',
    reads: 'GET /groups/{}/reads',
    online: 'GET /groups/{}/online',
    pins: 'GET /groups/{}/pins',
    messages: 'GET /groups/{}/messages',
    events: 'GET /groups/{}/events',
    preferences: 'PATCH /groups/{}/me',
    files: 'GET /groups/{}/files',
    removeAvatar: 'DELETE /groups/{}/avatar',
  },
  messages: {
    get: 'GET /messages/{}',
    delete: 'DELETE /messages/{}',
    restore: 'POST /messages/{}/restore',
    replies: 'GET /messages/{}/replies',
    thread: 'GET /messages/{}/thread',
    revisions: 'GET /messages/{}/revisions',
    react: 'PUT /messages/{}/reactions/{}',
    unreact: 'DELETE /messages/{}/reactions/{}',
    pin: 'PUT /messages/{}/pin',
    unpin: 'DELETE /messages/{}/pin',
  },
  users: {
    me: 'GET /users/me',
    update: 'PUT /users/me',
    get: 'GET /users/{}',
    byName: 'GET /users/by-name/{}',
    blocks: 'GET /users/me/blocks',
    block: 'PUT /users/me/blocks/{}',
    unblock: 'DELETE /users/me/blocks/{}',
    removeAvatar: 'DELETE /users/me/avatar',
  },
  files: { link: 'POST /files/{}/link', delete: 'DELETE /files/{}' },
  push: { key: 'GET /push/key', subscribe: 'PUT /push/subscriptions' },
} as const

type Call = (...values: any[]) => Promise<any>

export const queryOf = (fields: object = {}): string => {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)
  return given.length
    ? `?${given.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')}`
    : ''
}

function calls(rest: Rest, table: Readonly<Record<string, string>>): Record<string, Call> {
  const made = Object.entries(table).map(([name, route]): [string, Call] => {
    const [method = '', path = '', least] = route.split(' ')
    const call: Call = (...values) => {
      const filled = path.replace(/\{\}/g, () => encodeURIComponent(String(values.shift())))
      const [more] = values
      if (method === 'GET') return rest.request(method, filled + queryOf(more))
      return rest.request(method, filled, more ?? (least && {}))
    }
    return [name, call]
  })
  return Object.fromEntries(made)
}

interface Named {
  groups: Groups
  messages: Messages
  users: Users
  files: Files
  push: Push
}

/** The routes of the API by their nouns. `ownId` tells who the user is. */
export function createRoutes(rest: Rest, ownId: () => Promise<string>): Named {
  const made = Object.fromEntries(
    Object.entries(tables).map(([noun, table]) => [noun, calls(rest, table)]),
  ) as unknown as Named
  const { groups, messages, users, push } = made

  async function* all(options: object = {}): AsyncIterableIterator<Group> {
    for (let page = 1; ; page++) {
      const found: GroupPage = await groups.list({ page_size: 100, ...options, page })
      yield* found.groups
      if (!found.has_more) return
    }
  }

  Object.assign(groups, {
    all,
    direct: (user_id: string) => rest.request('POST', '/direct', { user_id }),
    addMember: async (id: string, user_id: string) => {
      const { members } = await rest.request<{ members: unknown[] }>(
        'POST',
        `/groups/${encodeURIComponent(id)}/members`,
        { user_id },
      )
      return members[0]
    },
    leave: async (id: string) => groups.removeMember(id, await ownId()),
    markRead: (id: string, seq: number) =>
      rest.request('PUT', `/groups/${encodeURIComponent(id)}/read`, { seq }),
    avatar: (id: string, picture: unknown) =>
      rest.upload('PUT', `/groups/${encodeURIComponent(id)}/avatar`, picture, undefined),
  })
  Object.assign(messages, {
    edit: (id: string, change: string | object) =>
      rest.request(
        'PUT',
        `/messages/${encodeURIComponent(id)}`,
        typeof change === 'string' ? { content: change } : change,
      ),
    report: (id: string, reason: string) =>
      rest.request('POST', `/messages/${encodeURIComponent(id)}/reports`, { reason }),
  })
  Object.assign(users, {
    search: (q: string, options?: object) =>
      rest.request('GET', `/users/search${queryOf({ q, ...options })}`),
    avatar: (picture: unknown) => rest.upload('PUT', '/users/me/avatar', picture, undefined),
  })
  Object.assign(push, {
    unsubscribe: (endpoint: string) => rest.request('DELETE', '/push/subscriptions', { endpoint }),
  })
  return made
}
