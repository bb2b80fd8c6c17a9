import type { ChatGroup } from '../../src/client/client.ts'
import type { BanView } from '../../src/domain/ban.ts'
import type { GroupView } from '../../src/domain/group.ts'
import type { MemberView } from '../../src/domain/member.ts'
import type { MessageView } from '../../src/domain/message.ts'
import type { Api } from '../api.ts'
import { Failure } from '../command.ts'
import { groupsOf } from '../groups.ts'
import type { Screen } from '../screen.ts'
import { splitWord } from '../typed-line.ts'
import { showMessage } from './events.ts'
import type { Shown } from './shown.ts'

/** What a command works with: the group that is open in this terminal. */
export interface ChatContext {
  readonly api: Api
  readonly group: Pick<ChatGroup, 'send'>
  readonly groupId: string
  readonly screen: Screen
  readonly shown: Shown
}

/** A line that begins with a slash. */
interface ChatCommand {
  readonly usage: string
  readonly about: string
  /** Throws Failure with what to tell the person. */
  run(chat: ChatContext, rest: string): Promise<unknown>
}

const path = ({ groupId }: ChatContext, rest = '') => `/groups/${groupId}${rest}`

/** The message that is called so: `12` or `#12`. Throws Failure. */
function messageAt({ shown }: ChatContext, name: string): MessageView {
  const found = /^#?[0-9]{1,15}$/.test(name) && shown.find(Number(name.replace('#', '')))
  if (!found)
    throw new Failure(`No message ${JSON.stringify(name)} is shown here: its number stands beside it.`)
  return found
}

/** Throws Failure when nothing was typed. */
function given(what: string, text: string): string {
  if (!text) throw new Failure(`${what} is missing.`)
  return text
}

const onMessage = (usage: string, about: string, method: string, at: string): ChatCommand => ({
  usage,
  about,
  run: (chat, rest) => chat.api.call(method, `/messages/${messageAt(chat, rest).id}${at}`),
})

const reacting = (usage: string, about: string, method: string): ChatCommand => ({
  usage,
  about,
  run(chat, rest) {
    const [name, emoji] = splitWord(rest)
    const { id } = messageAt(chat, name)
    return chat.api.call(method, `/messages/${id}/reactions/${encodeURIComponent(given('The emoji', emoji))}`)
  },
})

const onUser = (
  usage: string,
  about: string,
  call: (userId: string, rest: string) => [method: string, at: string, body?: object],
): ChatCommand => ({
  usage,
  about,
  run(chat, rest) {
    const [userId, more] = splitWord(rest)
    const [method, at, body] = call(given('The user', userId), more)
    return chat.api.call(method, path(chat, at), body)
  },
})

const userPath = (of: string, userId: string) => `/${of}/${encodeURIComponent(userId)}`

export const chatCommands: Readonly<Record<string, ChatCommand>> = {
  '/reply': {
    usage: '/reply N TEXT',
    about: 'answers message N',
    run(chat, rest) {
      const [name, text] = splitWord(rest)
      const replyTo = messageAt(chat, name).id
      return chat.group.send(given('The text', text), { replyTo })
    },
  },
  '/react': reacting('/react N EMOJI', 'reacts to message N', 'PUT'),
  '/unreact': reacting('/unreact N EMOJI', 'takes the reaction back', 'DELETE'),
  '/edit': {
    usage: '/edit N TEXT',
    about: 'changes your message N',
    run(chat, rest) {
      const [name, text] = splitWord(rest)
      const { id } = messageAt(chat, name)
      return chat.api.call('PUT', `/messages/${id}`, { content: given('The text', text) })
    },
  },
  '/delete': onMessage('/delete N', 'deletes message N', 'DELETE', ''),
  '/pin': onMessage('/pin N', 'pins message N', 'PUT', '/pin'),
  '/unpin': onMessage('/unpin N', 'unpins it', 'DELETE', '/pin'),
  '/pins': {
    usage: '/pins',
    about: 'shows the pinned messages',
    async run(chat) {
      const { messages } = await chat.api.call<{ messages: MessageView[] }>('GET', path(chat, '/pins'))
      if (!messages.length) return chat.screen.note('Nothing is pinned.')
      for (const message of messages) showMessage(chat.screen, chat.shown, message)
    },
  },
  '/members': {
    usage: '/members',
    about: 'shows who is in the group',
    async run(chat) {
      const found = await chat.api.call<{ members: (MemberView & { online: boolean })[]; total: number }>(
        'GET',
        path(chat, '/members?limit=100'),
      )
      for (const { user_id, role, online } of found.members)
        chat.screen.note(`${user_id}${role === 'member' ? '' : `, ${role}`}${online ? ', online' : ''}`)
      if (found.total > found.members.length) chat.screen.note(`… of ${found.total}`)
    },
  },
  '/add': onUser('/add USER', 'makes somebody a member', (user_id) => ['POST', '/members', { user_id }]),
  '/remove': onUser('/remove USER', 'ends a membership', (userId) => ['DELETE', userPath('members', userId)]),
  '/role': onUser('/role USER owner|admin|member', 'gives a role', (userId, role) => [
    'PATCH',
    userPath('members', userId),
    { role: given('The role', role) },
  ]),
  '/ban': onUser('/ban USER [REASON]', 'keeps somebody out', (userId, reason) => [
    'PUT',
    userPath('bans', userId),
    { reason },
  ]),
  '/unban': onUser('/unban USER', 'takes a ban back', (userId) => ['DELETE', userPath('bans', userId)]),
  '/bans': {
    usage: '/bans',
    about: 'shows who is banned',
    async run(chat) {
      const { bans } = await chat.api.call<{ bans: BanView[] }>('GET', path(chat, '/bans'))
      if (!bans.length) chat.screen.note('Nobody is banned.')
      for (const { user_id, reason } of bans) chat.screen.note(`${user_id}${reason ? `: ${reason}` : ''}`)
    },
  },
  '/invite': {
    usage: '/invite',
    about: 'makes an invite to this group, for seven days',
    async run(chat) {
      const { code } = await chat.api.call<{ code: string }>('POST', path(chat, '/invites'), {})
      chat.screen.note(`Whoever has this comes in: chat-api chat --invite ${code} --sub USER`)
    },
  },
  '/direct': {
    usage: '/direct USER TEXT',
    about: 'says something to one person alone',
    async run(chat, rest) {
      const [userId, text] = splitWord(rest)
      const { id } = await chat.api.call<GroupView>('POST', '/direct', { user_id: given('The user', userId) })
      if (text) await chat.api.call('POST', `/groups/${id}/messages`, { content: text })
      chat.screen.note(`${text ? 'Said. ' : ''}To chat there: chat-api chat --direct ${userId} --sub USER`)
    },
  },
  '/unread': {
    usage: '/unread',
    about: 'shows what is new in your groups',
    async run(chat) {
      const groups = (await groupsOf(chat.api)).filter((group) => group.unread_count > 0)
      if (!groups.length) return chat.screen.note('Nothing is unread.')
      for (const { id, name, user_ids, unread_count, mention_count } of groups) {
        const mentions = mention_count ? `, ${mention_count} for you` : ''
        chat.screen.note(`${name ?? user_ids?.join(' and ') ?? id}: ${unread_count}${mentions}`)
      }
    },
  },
  '/help': {
    usage: '/help',
    about: 'shows this list',
    async run({ screen }) {
      const all = [...Object.values(chatCommands), { usage: '/quit', about: 'leaves' }]
      const width = Math.max(...all.map(({ usage }) => usage.length))
      for (const { usage, about } of all) screen.note(`${usage.padEnd(width)}  ${about}`)
    },
  },
}
