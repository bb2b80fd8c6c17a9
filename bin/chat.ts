import { connect } from '../src/client/client.ts'
import type { GroupView } from '../src/domain/group.ts'
import type { MessageView } from '../src/domain/message.ts'
import { type Api, createApi, Refused } from './api.ts'
import { chatCommands } from './chat/commands.ts'
import { showEvent, showMessage } from './chat/events.ts'
import { createReadMarks } from './chat/read-marks.ts'
import { createShown } from './chat/shown.ts'
import { Failure, readArguments, UsageError } from './command.ts'
import { loadConfig, localUrl, makeToken } from './environment.ts'
import { groupsOf } from './groups.ts'
import { createScreen } from './screen.ts'
import { readUser } from './token.ts'
import { readLine } from './typed-line.ts'

export const help = `Usage: chat-api chat --group GROUP (--sub USER | --token TOKEN) [--url URL]
       chat-api chat --direct USER (--sub USER | --token TOKEN) [--url URL]
       chat-api chat --invite CODE (--sub USER | --token TOKEN) [--url URL]

Chats in this terminal: shows the last 20 messages, then what is said; each line you type is sent. A lost connection is
made again, and nothing is lost or doubled by it. Ctrl-D or /quit leaves, /help lists what else a line with a slash can
do: answer, react, pin, invite. A message that begins with a slash is typed with two of them.

  --group GROUP  the group's id, or its name; without it your groups are listed
  --direct USER  your direct chat with this user, which is made if there is none
  --invite CODE  the group that this invite is to, which you join with it
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
    direct: { type: 'string' },
    invite: { type: 'string' },
    sub: { type: 'string' },
    token: { type: 'string' },
    url: { type: 'string' },
  })
  const config = loadConfig()
  const { apiPrefix: prefix } = config
  const url = values.url?.replace(/\/$/, '') ?? localUrl(config)
  if (values.token === undefined && values.sub === undefined)
    throw new UsageError('Who are you? Give --sub USER or --token TOKEN.')
  const token = async () =>
    values.token ?? (await makeToken(config, { sub: readUser(values.sub), ttlS: tokenTtlS }))
  const api = createApi(url + prefix, await token())

  const group = await openGroup(api, values)
  const groupId = group.id
  const { messages, cursor } = await api.call<{ messages: MessageView[]; cursor: string }>(
    'GET',
    `/groups/${groupId}/messages?page_size=${historySize}`,
  )

  const screen = createScreen(process.stdin, process.stdout)
  const shown = createShown()
  const readMarks = createReadMarks(api, groupId)
  screen.note(`${nameOf(group)}: ${group.authorized_user_ids.join(', ')}`)
  for (const message of messages.toReversed()) showMessage(screen, shown, message)
  readMarks.read(messages[0]?.seq ?? 0)

  const ended = Promise.withResolvers<void>()
  let lost = false
  const client = connect({
    url,
    prefix,
    token,
    onState(state) {
      if (state === 'online') {
        screen.note(`connected as ${client.userId}`)
        lost = false
      } else if (state === 'offline') {
        if (!lost) screen.note('connection lost, trying again')
        lost = true
      } else if (client.closed) {
        ended.reject(new Failure(`The service closed the chat: ${client.closed.detail}`))
      }
    },
  })
  const open = client.group(groupId)
  client.on('event', (event) => {
    if (event.group_id !== groupId) return
    showEvent(screen, shown, event)
    if (event.type === 'new_message') readMarks.read(event.message.seq)
    if (event.type === 'resync') screen.note('You were away too long: some messages are not shown here.')
    if (event.type === 'unsubscribed')
      ended.reject(new Failure('The service closed the chat: you have no access to it any more.'))
  })
  // What was said since the history was read comes first.
  open
    .subscribe({ after: cursor })
    .catch(({ detail }) => ended.reject(new Failure(`The service closed the chat: ${detail}`)))
  const chat = { api, group: open, groupId, screen, shown }
  const working = new Set<Promise<unknown>>()
  const work = (work: Promise<unknown>) => {
    const done = work.catch((error: Error) => screen.note(`Not done: ${detailOf(error)}`))
    working.add(done)
    done.finally(() => working.delete(done))
  }
  try {
    const read = (line: string) => {
      const typed = readLine(line)
      if (typed.kind === 'message') return work(open.send(typed.content))
      if (typed.word === '/quit') return screen.close()
      const command = Object.hasOwn(chatCommands, typed.word) ? chatCommands[typed.word] : undefined
      if (command) return work((async () => command.run(chat, typed.rest))())
      screen.note(
        `There is no command ${typed.word}: nothing was sent. /help lists them; to say it, type /${line.trimStart()}`,
      )
    }
    await Promise.race([ended.promise, screen.read(read)])
    const late = AbortSignal.timeout(leaveWithinMs)
    late.onabort = () => ended.reject(new Failure(`Not known to be done: ${working.size} of your lines.`))
    await Promise.race([ended.promise, Promise.all(working)])
    return 0
  } finally {
    screen.close()
    client.close()
  }
}

/** The group that is to be opened. Throws UsageError, Failure. */
async function openGroup(api: Api, where: Where): Promise<GroupView> {
  const given = [where.group, where.direct, where.invite].filter((each) => each !== undefined)
  if (given.length > 1) throw new UsageError('Give one of --group, --direct and --invite.')
  if (where.direct !== undefined) return api.call<GroupView>('POST', '/direct', { user_id: where.direct })
  if (where.invite !== undefined)
    return api.call<GroupView>('POST', `/invites/${encodeURIComponent(where.invite)}/accept`)
  if (where.group !== undefined) return findGroup(api, where.group)
  throw new UsageError(`--group GROUP is missing.\n${listed(await groupsOf(api))}`)
}

interface Where {
  readonly group?: string | undefined
  readonly direct?: string | undefined
  readonly invite?: string | undefined
}

const detailOf = (error: Error): string => (error instanceof Refused ? error.detail : error.message)

/** Finds the group by its id, or by its name among the user's groups. Throws Failure, which lists the user's groups. */
async function findGroup(api: Api, wanted: string): Promise<GroupView> {
  if (isGroupId(wanted)) return api.call<GroupView>('GET', `/groups/${wanted}`)
  const groups = await groupsOf(api)
  const called = groups.filter((group) => nameOf(group) === wanted)
  const found = called.length > 0 ? called : groups.filter((group) => alike(nameOf(group), wanted))
  if (found.length > 1)
    throw new Failure(`${found.length} of your groups are called that, give the id of one:\n${rows(found)}`)
  if (!found[0]) throw new Failure(`You are in no group called ${JSON.stringify(wanted)}.\n${listed(groups)}`)
  return found[0]
}

/** A direct chat has no name but its two people. */
const nameOf = ({ name, user_ids, authorized_user_ids: userIds }: GroupView): string =>
  name ?? (user_ids ?? userIds).join(' and ')

const isGroupId = (text: string): boolean => /^[0-9a-f]{24}$/i.test(text)
const alike = (name: string, wanted: string): boolean =>
  name.normalize('NFC').toLowerCase() === wanted.normalize('NFC').toLowerCase()

const rows = (groups: readonly GroupView[]): string =>
  groups.map((group) => `  ${group.id}  ${nameOf(group)}`).join('\n')
const listed = (groups: readonly GroupView[]): string =>
  groups.length === 0
    ? 'You are in no group yet; `chat-api demo` makes some.'
    : `Your groups:\n${rows(groups)}`
