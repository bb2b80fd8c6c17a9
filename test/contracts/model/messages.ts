import fc from 'fast-check'
import type { MessagePage } from '../../../src/domain/message.ts'
import { noReply, replyingTo } from '../../../src/domain/reply.ts'
import {
  at,
  by,
  type Call,
  caller,
  command,
  group,
  type Ids,
  id,
  limit,
  message,
  number,
  text,
  user,
} from './command.ts'

const mentions = fc.uniqueArray(user, { maxLength: 3 })
const metadata = fc.constantFrom({}, { a: 1 }, { a: { '$b.c': [null] } })

const append = fc
  .record({
    n: message,
    content: text,
    who: by,
    createdAt: at,
    mentions,
    mentionAll: fc.boolean(),
    metadata,
    /** It answers a message of its group, if that is there. */
    answers: fc.nat(2),
    /** Files of its group, which are reserved first. */
    files: fc.uniqueArray(fc.nat(2), { maxLength: 2 }),
  })
  .map(({ n, content, who, createdAt, answers, files, ...said }) =>
    command(
      'messages.append',
      { n, content, who, createdAt, answers, files, ...said },
      async (store, ids) => {
        const answered = await store.messages.read(id(ids.messages, (n % 3) + 3 * answers))
        const to = { id: id(ids.messages, n), groupId: id(ids.groups, n % 3) }
        const named = files.map((file) => id(ids.files, (n % 3) + 3 * file))
        const by = caller(ids, who)
        const attachments = named.length ? await store.files.reserve(named, to, by, createdAt) : []
        const send = {
          ...to,
          senderId: ids.user(who.user),
          content,
          createdAt,
          clientId: `${n}`,
          ...said,
          ...(answered ? replyingTo(answered) : noReply),
          mentions: said.mentions.map(ids.user),
          sendHash: content,
          attachments,
        }
        return store.messages.append(send, by)
      },
    ),
  )

const edit = fc
  .tuple(message, fc.record({ content: text, mentions, metadata }, { requiredKeys: [] }), by, at)
  .map(([n, { mentions, ...edit }, who, when]) =>
    command('messages.edit', { n, mentions, edit, who, when }, (store, ids) =>
      store.messages.edit(
        id(ids.messages, n),
        { ...edit, ...(mentions && { mentions: mentions.map(ids.user) }) },
        caller(ids, who),
        when,
      ),
    ),
  )

const erase = fc
  .tuple(message, by, at, fc.constantFrom(true, true, true, false))
  .map(([n, who, when, keepsText]) =>
    command('messages.delete', { n, who, when, keepsText }, (store, ids) =>
      store.messages.delete(id(ids.messages, n), caller(ids, who), when, keepsText),
    ),
  )

const restore = fc
  .tuple(message, by, at)
  .map(([n, who, when]) =>
    command('messages.restore', { n, who, when }, (store, ids) =>
      store.messages.restore(id(ids.messages, n), caller(ids, who), when),
    ),
  )

const way = fc.oneof(
  number.map((offset) => ({ offset })),
  number.map((before) => ({ before })),
  number.map((after) => ({ after })),
)

const list = fc
  .tuple(group, way, limit, fc.boolean())
  .map(([n, way, limit, roots]) =>
    command('messages.list', { n, way, limit, roots }, (store, ids) =>
      store.messages.list(id(ids.groups, n), { ...way, limit, roots } as MessagePage),
    ),
  )

const answers = fc.tuple(message, number, limit).map(([n, after, limit]) =>
  command('messages.listReplies', { n, after, limit }, async (store, ids) => {
    const of = { id: id(ids.messages, n), groupId: id(ids.groups, n % 3) }
    const page = { after, limit }
    return Promise.all([store.messages.listReplies(of, page), store.messages.listThread(of, page)])
  }),
)

const listAll = fc
  .tuple(group, way, limit)
  .map(([n, way, limit]) =>
    command('messages.listWithDeleted', { n, way, limit }, (store, ids) =>
      store.messages.listWithDeleted(id(ids.groups, n), { ...way, limit } as MessagePage),
    ),
  )

export const messageCommands = [
  ...[append, append, append, edit, edit, erase, erase, restore],
  ...[list, listAll, answers],
]

export const messageLooks = ({ groups, messages }: Ids): Call[] => [
  ...groups.map(
    (id): Call =>
      (store) =>
        store.messages.list(id, { limit: 100, offset: 0 }),
  ),
  (store) => store.messages.listLast(groups),
  ...groups.map(
    (id): Call =>
      (store) =>
        store.messages.listWithDeleted(id, { limit: 100, offset: 0 }),
  ),
  ...messages.map(
    (id): Call =>
      (store) =>
        store.messages.read(id),
  ),
]
