import type { GroupView } from '../src/domain/group.ts'
import { type Api, createApi } from './api.ts'
import { print, readArguments } from './command.ts'
import { loadConfig, localUrl, makeToken, typed } from './environment.ts'
import { groupsOf } from './groups.ts'

export const help = `Usage: chat-api demo [--url URL]

Makes tokens for alice, bob and carol, two groups and a little history, through the API of a running service, and
prints the addresses and commands to chat with. Run again it finds what is there and adds nothing.

  --url URL  the service, if it is not at HOST and PORT: https://chat.example.com`

const users = ['alice', 'bob', 'carol'] as const
type User = (typeof users)[number]

const groups: readonly { name: string; members: readonly User[]; history: readonly [User, string][] }[] = [
  {
    name: 'Lobby',
    members: ['alice', 'bob', 'carol'],
    history: [
      ['alice', 'Welcome! Everybody in this group sees what you write here.'],
      ['bob', 'Hello Alice. Does it remember what I missed?'],
      ['carol', 'It does: reconnect, and you get all of it, once and in order.'],
    ],
  },
  { name: 'Lunch', members: ['alice', 'bob'], history: [['bob', 'Pizza at noon?']] },
]

const tokenTtlS = 24 * 3_600

export async function run(argv: string[]): Promise<number> {
  const { values } = readArguments(argv, { url: { type: 'string' } })
  const config = loadConfig()
  const origin = values.url?.replace(/\/$/, '') ?? localUrl(config)
  const base = origin + config.apiPrefix
  const tokens = {} as Record<User, string>
  for (const user of users) tokens[user] = await makeToken(config, { sub: user, ttlS: tokenTtlS })
  const api = (user: User) => createApi(base, tokens[user])

  const made: string[] = []
  for (const { name, members, history } of groups) {
    const [owner] = members as [User]
    const known = (await groupsOf(api(owner))).find((group) => group.name === name)
    const group = known ?? (await createGroup(api(owner), name, members))
    for (const [n, [user, content]] of history.entries())
      await api(user).call('POST', `/groups/${group.id}/messages`, { content, client_id: `demo-${n}` })
    made.push(group.id)
  }
  return print(
    report({
      origin,
      base,
      tokens,
      groupId: made[0] ?? '',
      url: values.url,
      hasPage: config.chatPage,
      isClosed: config.dashboardToken !== null,
    }),
  )
}

const createGroup = (api: Api, name: string, members: readonly string[]): Promise<GroupView> =>
  api.call('POST', '/groups', { name, description: 'Made by chat-api demo', authorized_user_ids: members })

interface Report {
  origin: string
  base: string
  tokens: Record<User, string>
  groupId: string
  url: string | undefined
  hasPage: boolean
  /** The dashboard asks for a token. */
  isClosed: boolean
}

function report({ origin, base, tokens, groupId, url, hasPage, isClosed }: Report): string {
  const curl = `curl -s -H 'Authorization: Bearer ${tokens.alice}'`
  const chat = (user: User) => typed(`chat --group ${groupId} --sub ${user}${url ? ` --url ${url}` : ''}`)
  const page = `Chat in a browser, as alice and as bob, each in a window of its own kind (one of them private):

${origin}/#token=${tokens.alice}
${origin}/#token=${tokens.bob}

`
  return `${hasPage ? page : ''}What the service does${isClosed ? ', for who has DASHBOARD_TOKEN' : ''}, in a browser:

${origin}/dashboard

Chat in the terminal, each line in one of its own:

${chat('alice')}
${chat('bob')}

The groups of alice, the messages of the first one, and a new message:

${curl} ${base}/groups
${curl} '${base}/groups/${groupId}/messages?page_size=20'
${curl} -H 'Content-Type: application/json' -d '{"content": "Hello from curl"}' ${base}/groups/${groupId}/messages

What happens in that group, for any WebSocket client:

${base.replace(/^http/, 'ws')}/ws/${groupId}?token=${tokens.bob}

Tokens, valid for 24 hours:

${users.map((user) => `${user}:\n${tokens[user]}`).join('\n\n')}`
}
