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
import { commandsOf } from './messenger-commands.mjs'

const api = new URL('/api/chat', process.argv[2] ?? 'http://127.0.0.1:8001')
let token = process.env.TOKEN ?? ''
let me = ''
let socket
let isAway = false
let turn = Promise.resolve()
/** By id: `{id, name, cursor, isHeard, messages}`, where `messages` are the ones that were shown, by seq. */
const groups = new Map()
/** Frames that have no answer yet, by their id. All of them may be sent twice: it comes to the same. */
const unanswered = new Map()

/** Other people's text must not steer the terminal, nor break the line. */
const show = (line) => process.stdout.write(`${stripVTControlCharacters(line).replace(/\p{Cc}+/gu, ' ')}\n`)
const tell = (group, what) => show(`[${group.name ?? 'direct'}] ${what}`)

/** Throws an error with the service's own words and its `code`, or one without a code when the service is away. */
async function rest(method, path, body) {
  const headers = { authorization: `Bearer ${token}`, ...(body && { 'content-type': 'application/json' }) }
  const request = { method, headers, body: body && JSON.stringify(body), signal: AbortSignal.timeout(10_000) }
  const answer = await fetch(api + path, request).catch(() => {
    throw new Error('The service is away: try again when it is back.')
  })
  if (answer.status === 204) return null
  const value = await answer.json()
  if (answer.ok) return value
  throw Object.assign(new Error(`${value.code}: ${value.detail}`), { code: value.code })
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
  if (group.messages.size > 1_000) group.messages.delete(group.messages.keys().next().value)
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
  messages_erased(group, { message_ids }) {
    for (const { id, seq } of [...group.messages.values()])
      if (message_ids.includes(id)) group.messages.delete(seq)
    tell(group, `${message_ids.length} messages are gone`)
  },
  history_cleared(group, { up_to_seq }) {
    for (const seq of group.messages.keys()) if (seq <= up_to_seq) group.messages.delete(seq)
    tell(group, `messages up to #${up_to_seq} are gone`)
  },
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
  subscribed(group, { seq }) {
    group.isHeard = true
    tell(group, `listening, ${seq} messages`)
  },
  unsubscribed(group, { code }) {
    group.isHeard = false
    tell(group, code === 4501 ? 'is no more' : 'you hear it no more')
  },
  /** The cursor moves when the page is here: were it lost on the way, the next socket would be told to resync again. */
  async resync(group, { cursor, reason }) {
    const { messages } = await rest('GET', `/groups/${group.id}/messages?limit=100`)
    group.cursor = cursor
    tell(group, `fetched again (${reason})`)
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
  const isUnheard = frame?.type === (type === 'ack' ? 'unsubscribe' : 'subscribe')
  if (isUnheard) heard.unsubscribed(groups.get(frame.group_id), {})
  if (type === 'ack' && frame?.type === 'auth') show('* the new token is taken')
  if (type === 'error')
    show(`! ${code}: ${detail}${errors.map(({ field, message }) => ` ${field}: ${message}`).join('')}`)
}

// The connection.

function onFrame(frame) {
  if (frame.type === 'connected') return begin(frame)
  if (frame.type === 'closing') socket.comeBackIn = frame.retry_after_ms
  if (frame.type === 'ack' || frame.type === 'error') return answered(frame)
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
  for (const [id, { type }] of unanswered) if (type === 'subscribe') unanswered.delete(id)
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
  const own = socket
  // One frame after the other: what comes after a resync waits for what it fetches. Where that fails, nothing that follows
  // may move the cursor over the gap: the next socket begins where this one stood.
  own.onmessage = ({ data }) => {
    turn = turn
      .then(() => own.hasFailed || onFrame(JSON.parse(data)))
      .catch((error) => {
        own.hasFailed = true
        own.close()
        show(`! ${error.message}`)
      })
  }
  const { promise, resolve } = Promise.withResolvers()
  own.onclose = ({ code }) => resolve({ code, comeBackIn: own.comeBackIn })
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

const { say, commands } = commandsOf({
  groups,
  adopt,
  listen,
  lineOf,
  myGroups,
  rest,
  send,
  show,
  tell,
  me: () => me,
  renew(fresh) {
    token = fresh
    send({ type: 'auth', token })
  },
  stayAway(from) {
    isAway = from
    if (isAway) socket.close()
  },
})

stayConnected()
while (!me) await sleep(20)
for await (const line of createInterface({ input: process.stdin })) {
  const [word, ...words] = line.trim().split(/\s+/)
  try {
    if (word.startsWith('/')) {
      const command = Object.hasOwn(commands, word.slice(1)) ? commands[word.slice(1)] : undefined
      if (!command) throw new Error(`There is no command ${word}: /help lists them.`)
      await command(...words)
    } else if (word) await say(line)
  } catch (error) {
    show(`! ${error.message}`)
  }
}
while (unanswered.size > 0) await sleep(20)
process.exit(0)
