// A messenger for the terminal, written from docs/protocol.md alone: Node 24, no packages.
//
//   TOKEN=… node docs/examples/messenger.mjs http://127.0.0.1:8001
//
// Each line of the input is said in the open group, or is a command (/help lists them); each event is one line of output.
// One socket hears all groups. What is said while it is away is kept and sent when it is back, with the same client_id;
// what was missed comes by a cursor for each group, so nothing is lost or shown twice.

import { randomUUID } from 'node:crypto'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { stripVTControlCharacters } from 'node:util'

const api = new URL('/api/chat', process.argv[2] ?? 'http://127.0.0.1:8001')
let token = process.env.TOKEN ?? ''
let me = ''
let socket
let isAway = false
let open
/** By id: `{id, name, cursor, isHeard, messages}`, where `messages` are the ones that were shown, by seq. */
const groups = new Map()
/** Frames that have no answer yet, by their id. All of them may be sent twice: it comes to the same. */
const unanswered = new Map()

/** Other people's text must not steer the terminal, nor break the line. */
const show = (line) => process.stdout.write(`${stripVTControlCharacters(line).replace(/\p{Cc}+/gu, ' ')}\n`)
const tell = (group, what) => show(`[${group.name ?? 'direct'}] ${what}`)

class Refused extends Error {}

/** Throws `Refused`, which says why in the service's own words; any other error means that the service is away. */
async function rest(method, path, body) {
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
  const answer = await fetch(api + path, { method, headers, body: body && JSON.stringify(body) })
  if (answer.status === 204) return null
  const value = await answer.json()
  if (answer.ok) return value
  throw Object.assign(new Refused(`${value.code}: ${value.detail}`), { code: value.code })
}

const inGroup = (method, path, body) => rest(method, `/groups/${current().id}${path}`, body)
const memberPath = (list, user) => `/${list}/${encodeURIComponent(user)}`

function current() {
  if (!open) throw new Refused('Open a group first: /open NAME.')
  return open
}

/** The group as the client keeps it. What is known already stays: above all the cursor. */
function adopt({ id, group_id = id, name, kind, user_ids }) {
  const group = groups.get(group_id) ?? { id: group_id, isHeard: true, messages: new Map() }
  group.name =
    kind === 'direct' && user_ids ? `@${user_ids.find((user) => user !== me)}` : (name ?? group.name)
  groups.set(group_id, group)
  return group
}

async function* myGroups(query = '') {
  for (let page = 1, more = true; more; page++) {
    const answer = await rest('GET', `/groups?page=${page}&page_size=100${query}`)
    yield* answer.groups
    more = answer.has_more
  }
}

// What is sent.

function send(frame) {
  const id = randomUUID()
  unanswered.set(id, { ...frame, id })
  if (socket?.isReady) socket.send(JSON.stringify({ ...frame, id }))
}

const listen = (group, again) =>
  send({ type: 'subscribe', group_id: group.id, ...(again && group.cursor && { after: group.cursor }) })

async function say(content, replyTo) {
  const group = current()
  const called = [...content.matchAll(/@([\w.-]*\w)/g)].map(([, user]) => user)
  const known = called.length ? (await inGroup('GET', '')).authorized_user_ids : []
  const mentions = [...new Set(called)].filter((user) => known.includes(user))
  send({
    type: 'message',
    group_id: group.id,
    content,
    client_id: randomUUID(),
    mentions,
    mention_all: called.includes('all'),
    ...(replyTo && { reply_to: replyTo.id }),
  })
}

/** The message that stands as `#7`, also one that was never shown here. */
async function messageAt(number) {
  const seq = Number(number?.replace(/^#/, ''))
  if (!Number.isInteger(seq) || seq < 1) throw new Refused(`"${number ?? ''}" is no number of a message.`)
  const shown = current().messages.get(seq)
  if (shown) return shown
  const [message] = (await inGroup('GET', `/messages?before=${seq + 1}&limit=1`)).messages
  if (message?.seq !== seq) throw new Refused(`There is no message #${seq}.`)
  return message
}

// What is heard.

const countOf = ({ emoji, count }) => `${emoji}${count}`
const lineOf = (message) =>
  `#${message.seq} ${message.sender.display_name}` +
  (message.reply_to ? ' (answer)' : '') +
  (message.edited_at ? ' (edited)' : '') +
  (message.mention_all || message.mentions.includes(me) ? ' (to you)' : '') +
  `: ${message.content}${message.reactions.length ? `  ${message.reactions.map(countOf).join(' ')}` : ''}`

/** A state that was passed already is not shown again: `ver` tells. */
function showMessage(group, message) {
  const shown = group.messages.get(message.seq)
  if (shown && shown.ver >= message.ver) return
  group.messages.set(message.seq, message)
  tell(group, lineOf(message))
}

const numberOf = (group, id) => [...group.messages.values()].find((message) => message.id === id)?.seq ?? '?'

const heard = {
  new_message: (group, { message }) => showMessage(group, message),
  message_updated: (group, { message }) => showMessage(group, message),
  message_deleted: (group, { seq, by }) => tell(group, `#${seq} was deleted${by ? ` by ${by}` : ''}`),
  reactions: (group, { message_id, reactions }) =>
    tell(group, `#${numberOf(group, message_id)} reactions: ${reactions.map(countOf).join(' ') || 'none'}`),
  message_pinned: (group, { message_id, by }) =>
    tell(group, `#${numberOf(group, message_id)} pinned by ${by}`),
  message_unpinned: (group, { message_id }) => tell(group, `#${numberOf(group, message_id)} unpinned`),
  member_added: (group, { user_id }) => tell(group, `${user_id} is now a member`),
  member_updated: (group, { member }) =>
    tell(group, `${member.user_id} is ${member.role}${member.muted_until ? ', muted' : ''}`),
  member_removed: (group, { user_id, by }) =>
    tell(group, user_id === by ? `${user_id} left` : `${user_id} was removed by ${by ?? 'somebody'}`),
  member_banned: (group, { user_id }) => tell(group, `${user_id} is banned`),
  group_updated: (group, event) => tell(adopt({ ...event.group, id: group.id }), 'the group has changed'),
  group_deleted: (group) => tell(group, 'the group was deleted'),
  user_joined: (group, { user_id }) => tell(group, `${user_id} is here`),
  user_left: (group, { user_id }) => tell(group, `${user_id} has gone`),
  presence: (group, { connection_count }) => tell(group, `${connection_count} connections`),
  typing: (group, { user_id, state }) =>
    tell(group, state === 'stop' ? `${user_id} stopped typing` : `${user_id} is typing`),
  read: (group, { user_id, seq }) => tell(group, `${user_id} has read #${seq}`),
  mention: (group, { message }) => tell(group, `you are called in ${lineOf(message)}`),
  group_preferences: (group, { notify, pinned, hidden }) =>
    tell(group, `notify ${notify}${pinned ? ', pinned' : ''}${hidden ? ', hidden' : ''}`),
  group_added: (_group, event) => tell(adopt(event.group), 'you are in'),
  unbanned: (group) => tell(group, 'your ban was taken back'),
  subscribed(group, { cursor, seq }) {
    group.isHeard = true
    group.cursor = cursor
    tell(group, `listening, ${seq} messages`)
  },
  unsubscribed(group, { code }) {
    group.isHeard = false
    tell(group, code === 4501 ? 'is no more' : 'you hear it no more')
  },
  /** What comes next goes on from the cursor of this event, so what the page has beyond that is not shown twice. */
  async resync(group, { cursor, reason }) {
    group.cursor = cursor
    tell(group, `fetched again (${reason})`)
    const { messages } = await rest('GET', `/groups/${group.id}/messages?limit=100`)
    for (const message of messages.reverse()) showMessage(group, message)
  },
}

/** Codes after which the same frame may be sent again. */
const passing = ['rate_limited', 'internal', 'unavailable', 'storage_full']

function answered({ re, type, code, detail, retry_after_ms = 1_000, errors = [] }) {
  const frame = unanswered.get(re)
  if (type === 'error' && frame && passing.includes(code)) {
    setTimeout(() => socket.isReady && socket.send(JSON.stringify(frame)), retry_after_ms)
    return
  }
  unanswered.delete(re)
  if (type === 'ack' && frame?.type === 'unsubscribe') heard.unsubscribed(groups.get(frame.group_id), {})
  if (type === 'ack' && frame?.type === 'auth') show('* the new token is taken')
  if (type === 'error')
    show(`! ${code}: ${detail}${errors.map(({ field, message }) => ` ${field}: ${message}`).join('')}`)
}

// The connection.

const isLive = ({ type }) => type !== 'ack' && type !== 'error'

function onFrame(frame) {
  if (frame.type === 'connected') return begin(frame)
  if (frame.type === 'closing') socket.comeBackIn = frame.retry_after_ms
  if (!isLive(frame)) return answered(frame)
  if (!frame.group_id) return
  const group = adopt({ group_id: frame.group_id })
  // Only what was told moves the cursor: an answer does not, whatever it says.
  if (frame.cursor && frame.type !== 'resync') group.cursor = frame.cursor
  return heard[frame.type]?.(group, frame)
}

/** The first socket hears all groups from now on; one that comes back asks for each group from where it was. */
async function begin({ user_id, groups: listed, total }) {
  const isFirst = me === ''
  me = user_id
  for (const each of listed) adopt(each).cursor = each.cursor
  for (const group of groups.values()) if (!isFirst && group.isHeard) listen(group, true)
  socket.isReady = true
  for (const frame of unanswered.values()) socket.send(JSON.stringify(frame))
  for await (const each of myGroups('&hidden=true')) {
    const isNew = !groups.has(each.id)
    const group = adopt(each)
    if (isNew && !each.hidden) listen(group)
  }
  show(`* connected as ${me}, ${total} groups`)
}

/** One socket, until it is closed: resolves with the code, and with how long the service asked us to stay away. */
function connect() {
  const url = new URL(`${api.pathname}/ws${me ? '?subscribe=none' : ''}`, api)
  url.protocol = url.protocol.replace('http', 'ws')
  socket = new WebSocket(url, ['chat.v1', `bearer.${token}`])
  socket.isReady = false
  // One frame after the other: what comes after a resync waits for what it fetches.
  let turn = Promise.resolve()
  socket.onmessage = ({ data }) => {
    turn = turn.then(() => onFrame(JSON.parse(data))).catch((error) => show(`! ${error.message}`))
  }
  const { promise, resolve } = Promise.withResolvers()
  socket.onclose = ({ code }) => resolve({ code, comeBackIn: socket.comeBackIn })
  return promise
}

async function stayConnected() {
  for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 5_000)) {
    const { code, comeBackIn } = await connect()
    if (socket.isReady) pauseMs = 100
    socket.isReady = false
    show(`* connection lost (${code})`)
    if (code === 1008 || code >= 4500) process.exit(1)
    // A socket is not told why it was refused; REST is.
    const refused = await rest('GET', '/groups?page_size=1').catch((error) => error)
    if (refused?.code === 'unauthenticated') {
      show(`! ${refused.message} Start again with a new TOKEN.`)
      process.exit(1)
    }
    while (isAway) await sleep(20)
    await sleep(comeBackIn ?? pauseMs * (0.5 + Math.random()))
  }
}

// The commands.

const onMessage = (type, rest) => async (number) =>
  send({ type, message_id: (await messageAt(number)).id, ...rest })
function list(lines, none) {
  for (const line of lines.length ? lines : [none]) show(`  ${line}`)
}
const inMinutes = (minutes) => new Date(Date.now() + Number(minutes) * 60_000).toISOString()
const messagesOf = async (path) => list((await rest('GET', path)).messages.map(lineOf), 'no messages')
const change = (user, changes) => inGroup('PATCH', memberPath('members', user), changes)
const view = (changes) => inGroup('PATCH', '/me', changes)

async function find(query, name) {
  const own = [...groups.values()].find((group) => group.id === name || group.name === name)
  if (own) return own
  const { groups: found } = await rest('GET', `/groups?${query}&q=${encodeURIComponent(name)}`)
  const [first] = found.filter((group) => group.name === name)
  if (!first) throw new Refused(`There is no group "${name}".`)
  return first
}

function enter(group) {
  open = adopt(group)
  tell(open, 'is open')
}

const commands = {
  async groups() {
    const lines = []
    for await (const group of myGroups('&sort=activity'))
      lines.push(
        `${adopt(group).name}: ${group.unread_count} unread, ${group.mention_count} for you (${group.role})`,
      )
    list(lines, 'no groups')
  },
  async find(name = '') {
    const answer = await rest('GET', `/groups?scope=open&q=${encodeURIComponent(name)}`)
    list(
      answer.groups.map(
        (group) => `${group.name}: ${group.member_count}${group.is_member ? ', joined' : ''}`,
      ),
      'no open groups',
    )
  },
  create: async (name, visibility) =>
    enter(await rest('POST', '/groups', { name, ...(visibility && { visibility }) })),
  open: async (...words) => enter(await find('hidden=true', words.join(' '))),
  async join(...words) {
    const { id } = await find('scope=open', words.join(' '))
    enter(await rest('POST', `/groups/${id}/join`))
  },
  direct: async (user_id) => enter(await rest('POST', '/direct', { user_id })),
  quiet: () => send({ type: 'unsubscribe', group_id: current().id }),
  /** To the open group again, from where it was; or, as a guest, to an open one that is named. */
  async listen(...words) {
    if (words.length) open = adopt(await find('scope=open', words.join(' ')))
    listen(current(), true)
  },

  answer: async (number, ...words) => say(words.join(' '), await messageAt(number)),
  edit: (number, ...words) => onMessage('edit', { content: words.join(' ') })(number),
  delete: onMessage('delete'),
  react: (number, emoji) => onMessage('react', { emoji })(number),
  unreact: (number, emoji) => onMessage('unreact', { emoji })(number),
  pin: onMessage('pin'),
  unpin: onMessage('unpin'),
  typing: (state = 'start') => send({ type: 'typing', group_id: current().id, state }),
  async read(number) {
    const { seq } = number ? await messageAt(number) : await inGroup('GET', '')
    send({ type: 'read', group_id: current().id, seq })
  },
  async history(count = 20) {
    const { messages } = await inGroup('GET', `/messages?limit=${count}`)
    list(messages.reverse().map(lineOf), 'no messages')
  },
  thread: async (number) => messagesOf(`/messages/${(await messageAt(number)).id}/thread`),
  pins: () => messagesOf(`/groups/${current().id}/pins`),
  async reads() {
    const { reads } = await inGroup('GET', '/reads')
    list(reads.map(({ user_id, seq }) => `${user_id} has read #${seq}`))
  },
  async who() {
    const { users } = await inGroup('GET', '/online')
    list(
      users.map(({ user_id, connections }) => `${user_id} is here, ${connections} connections`),
      'nobody',
    )
  },

  async members() {
    const { members } = await inGroup('GET', '/members')
    list(
      members.map(
        ({ user_id, role, muted_until, online }) =>
          `${user_id}, ${role}${muted_until ? `, muted until ${muted_until}` : ''}${online ? ', here' : ''}`,
      ),
    )
  },
  add: (...user_ids) => inGroup('POST', '/members', { user_ids }),
  remove: (user) => inGroup('DELETE', memberPath('members', user)),
  leave: () => inGroup('DELETE', memberPath('members', me)),
  role: (user, role) => change(user, { role }),
  mute: (user, minutes = 60) => change(user, { muted_until: inMinutes(minutes) }),
  unmute: (user) => change(user, { muted_until: null }),
  ban: (user, ...reason) => inGroup('PUT', memberPath('bans', user), { reason: reason.join(' ') }),
  unban: (user) => inGroup('DELETE', memberPath('bans', user)),
  async bans() {
    const { bans } = await inGroup('GET', '/bans')
    list(
      bans.map(({ user_id, reason, created_by }) => `${user_id}, by ${created_by}: ${reason}`),
      'no bans',
    )
  },
  async invite(uses) {
    const { code } = await inGroup('POST', '/invites', uses ? { max_uses: Number(uses) } : {})
    show(`* invite ${code}`)
  },
  async invites() {
    const { invites } = await inGroup('GET', '/invites')
    list(
      invites.map(({ code, uses, max_uses }) => `${code}: ${uses} of ${max_uses ?? 'any'} uses`),
      'no invites',
    )
  },
  revoke: (code) => inGroup('DELETE', `/invites/${code}`),
  async look(code) {
    const { group } = await rest('GET', `/invites/${code}`)
    show(`* invited to ${group.name}, ${group.member_count} members`)
  },
  accept: async (code) => enter(await rest('POST', `/invites/${code}/accept`)),
  notify: (notify) => view({ notify }),
  top: (state) => view({ pinned: state !== 'off' }),
  hide: (state) => view({ hidden: state !== 'off' }),

  /** A new token in place, before the old one ends. */
  token(fresh) {
    token = fresh
    send({ type: 'auth', token })
  },
  offline() {
    isAway = true
    socket.close()
  },
  online: () => {
    isAway = false
  },
  help: () =>
    show(
      `* ${Object.keys(commands)
        .map((name) => `/${name}`)
        .join(' ')}`,
    ),
}

stayConnected()
while (!me) await sleep(20)
for await (const line of createInterface({ input: process.stdin })) {
  const [word, ...words] = line.trim().split(/\s+/)
  try {
    if (word.startsWith('/')) {
      const command = Object.hasOwn(commands, word.slice(1)) ? commands[word.slice(1)] : undefined
      if (!command) throw new Refused(`There is no command ${word}: /help lists them.`)
      await command(...words)
    } else if (word) await say(line)
  } catch (error) {
    show(`! ${error.message}`)
  }
}
while (unanswered.size > 0) await sleep(20)
process.exit(0)
