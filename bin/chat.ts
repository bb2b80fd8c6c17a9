import { connect, type MessageView, type ServerEvent } from '../src/client/client.ts'
import type { GroupView } from '../src/domain/group.ts'
import type { MemberView } from '../src/domain/member.ts'
import { closeCodes } from '../src/protocol/close-codes.ts'
import { type Api, createApi } from './api.ts'
import { Failure, readArguments, UsageError } from './command.ts'
import { loadConfig, localUrl, makeToken } from './environment.ts'
import { groupsOf } from './groups.ts'
import { createScreen, type Screen } from './screen.ts'
import { readUser } from './token.ts'
import { readLine } from './typed-line.ts'

export const help = `Usage: chat-api chat --group GROUP (--sub USER | --token TOKEN) [--url URL]

Chats in this terminal: shows the last 20 messages, then what is said; each line you type is sent. A lost connection is
made again, and nothing is lost or doubled by it. Ctrl-D or /quit leaves; a message that begins with a slash is typed
with two of them.

  --group GROUP  the group's id, or its name; without it your groups are listed
  --sub USER     chat as this user, with a token signed by this service's own secret
  --token TOKEN  chat as the token's user
  --url URL      the service, if it is not at HOST and PORT: https://chat.example.com`

const tokenTtlS = 12 * 3_600
const historySize = 20
/** On leaving, messages that are not sent yet are awaited for so long. */
const leaveWithinMs = 5_000

export async function run(argv: string[]): Promise<number> {
  const { values } = readArguments(argv, {
    group: { type: 'string' },
    sub: { type: 'string' },
    token: { type: 'string' },
    url: { type: 'string' },
  })
  const config = loadConfig()
  const url = (values.url?.replace(/\/$/, '') ?? localUrl(config)) + config.apiPrefix
  if (values.token === undefined && values.sub === undefined)
    throw new UsageError('Who are you? Give --sub USER or --token TOKEN.')
  const token = async () =>
    values.token ?? (await makeToken(config, { sub: readUser(values.sub), ttlS: tokenTtlS }))
  const api = createApi(url, await token())

  if (values.group === undefined)
    throw new UsageError(`--group GROUP is missing.\n${listed(await groupsOf(api))}`)
  const group = await findGroup(api, values.group)
  const groupId = group.id
  const { messages, cursor } = await api.call<{ messages: MessageView[]; cursor: string }>(
    'GET',
    `/groups/${groupId}/messages?page_size=${historySize}`,
  )

  const screen = createScreen(process.stdin, process.stdout)
  screen.note(`${nameOf(group)}: ${group.authorized_user_ids.join(', ')}`)
  for (const message of messages.toReversed()) screen.message(message)

  const ended = Promise.withResolvers<void>()
  let lost = false
  const client = connect({
    url,
    groupId,
    token,
    cursor,
    onEvent: (event) => show(event, screen),
    onResync: () => screen.note('You were away too long: some messages are not shown here.'),
    onState(state) {
      if (state.state === 'open') {
        screen.note(`connected as ${state.userId}`)
        lost = false
      } else if (state.state === 'waiting') {
        if (!lost) screen.note('connection lost, trying again')
        lost = true
        // A token that was given by hand cannot be renewed here.
        if (state.code === closeCodes.tokenExpired && values.token !== undefined)
          ended.reject(new Failure('Your token has expired: come back with a new one.'))
      } else if (state.state === 'refused') {
        ended.reject(new Failure(`The service closed the chat: ${state.reason || state.code}`))
      }
    },
  })
  const sending = new Set<Promise<unknown>>()
  const send = (content: string) => {
    const sent = client.send(content).catch((error: Error) => screen.note(`Not sent: ${error.message}`))
    sending.add(sent)
    sent.finally(() => sending.delete(sent))
  }
  try {
    const read = (line: string) => {
      const typed = readLine(line)
      if (typed.kind === 'message') send(typed.content)
      else if (typed.kind === 'leave') screen.close()
      else
        screen.note(
          `There is no command ${typed.command}: nothing was sent. /quit leaves; to say it, type /${line.trimStart()}`,
        )
    }
    await Promise.race([ended.promise, screen.read(read)])
    const late = AbortSignal.timeout(leaveWithinMs)
    late.onabort = () => ended.reject(new Failure(`Not known to be sent: ${sending.size} of your messages.`))
    await Promise.race([ended.promise, Promise.all(sending)])
    return 0
  } finally {
    screen.close()
    client.close()
  }
}

/** Finds the group by its id, or by its name among the user's groups. Throws Failure, which lists the user's groups. */
async function findGroup(api: Api, wanted: string): Promise<GroupView> {
  if (isGroupId(wanted)) return api.call<GroupView>('GET', `/groups/${wanted}`)
  const groups = await groupsOf(api)
  const called = groups.filter(({ name }) => name === wanted)
  const found = called.length > 0 ? called : groups.filter(({ name }) => alike(name, wanted))
  if (found.length > 1)
    throw new Failure(`${found.length} of your groups are called that, give the id of one:\n${rows(found)}`)
  if (!found[0]) throw new Failure(`You are in no group called ${JSON.stringify(wanted)}.\n${listed(groups)}`)
  return found[0]
}

/** A direct chat has no name but its two people. */
const nameOf = ({ name, authorized_user_ids: userIds }: GroupView): string => name ?? userIds.join(' and ')

const standing = ({ user_id, role, muted_until: until }: MemberView): string =>
  until !== null && Date.parse(until) > Date.now()
    ? `${user_id} is muted until ${until}`
    : `${user_id} is ${role === 'member' ? 'an ordinary member' : `an ${role}`}`

const isGroupId = (text: string): boolean => /^[0-9a-f]{24}$/i.test(text)
const alike = (name: string | null, wanted: string): boolean =>
  (name ?? '').normalize('NFC').toLowerCase() === wanted.normalize('NFC').toLowerCase()

const rows = (groups: readonly GroupView[]): string =>
  groups.map((group) => `  ${group.id}  ${nameOf(group)}`).join('\n')
const listed = (groups: readonly GroupView[]): string =>
  groups.length === 0
    ? 'You are in no group yet; `chat-api demo` makes some.'
    : `Your groups:\n${rows(groups)}`

function show(event: ServerEvent, screen: Screen): void {
  const message = event.message as MessageView
  if (event.type === 'new_message') screen.message(message)
  else if (event.type === 'message_updated') screen.message(message, 'edited')
  else if (event.type === 'message_deleted') screen.note('A message was deleted.')
  else if (event.type === 'user_joined') screen.note(`${event.user_id} is here`)
  else if (event.type === 'user_left') screen.note(`${event.user_id} left`)
  else if (event.type === 'member_added') screen.note(`${event.user_id} is now a member`)
  else if (event.type === 'member_removed') screen.note(`${event.user_id} is no member any more`)
  else if (event.type === 'member_banned') screen.note(`${event.user_id} is banned`)
  else if (event.type === 'member_updated') screen.note(standing(event.member as MemberView))
}
