import fc from 'fast-check'
import type { MessagePage } from '../../../src/domain/message.ts'
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
  .record({ n: message, content: text, who: by, createdAt: at, mentions, mentionAll: fc.boolean(), metadata })
  .map(({ n, content, who, createdAt, ...said }) =>
    command('messages.append', { n, content, who, createdAt, ...said }, (store, ids) =>
      store.messages.append(
        {
          id: id(ids.messages, n),
          groupId: id(ids.groups, n % 3),
          senderId: ids.user(who.user),
          content,
          createdAt,
          clientId: `${n}`,
          ...said,
          mentions: said.mentions.map(ids.user),
          sendHash: content,
        },
        caller(ids, who),
      ),
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
  .tuple(message, by, at)
  .map(([n, who, when]) =>
    command('messages.delete', { n, who, when }, (store, ids) =>
      store.messages.delete(id(ids.messages, n), caller(ids, who), when),
    ),
  )

const way = fc.oneof(
  number.map((offset) => ({ offset })),
  number.map((before) => ({ before })),
  number.map((after) => ({ after })),
)

const list = fc
  .tuple(group, way, limit)
  .map(([n, way, limit]) =>
    command('messages.list', { n, way, limit }, (store, ids) =>
      store.messages.list(id(ids.groups, n), { ...way, limit } as MessagePage),
    ),
  )

export const messageCommands = [append, append, append, edit, edit, erase, list]

export const messageLooks = ({ groups, messages }: Ids): Call[] => [
  ...groups.map(
    (id): Call =>
      (store) =>
        store.messages.list(id, { limit: 100, offset: 0 }),
  ),
  (store) => store.messages.listLast(groups),
  ...messages.map(
    (id): Call =>
      (store) =>
        store.messages.read(id),
  ),
]
