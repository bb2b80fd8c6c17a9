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
} from './command.ts'

const append = fc.tuple(message, text, by, at).map(([n, content, who, createdAt]) =>
  command('messages.append', { n, content, who, createdAt }, (store, ids) =>
    store.messages.append(
      {
        id: id(ids.messages, n),
        groupId: id(ids.groups, n % 3),
        senderId: ids.user(who.user),
        content,
        createdAt,
        clientId: `${n}`,
        sendHash: content,
      },
      caller(ids, who),
    ),
  ),
)

const edit = fc
  .tuple(message, text, by, at)
  .map(([n, content, who, when]) =>
    command('messages.edit', { n, content, who, when }, (store, ids) =>
      store.messages.edit(id(ids.messages, n), content, caller(ids, who), when),
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
  ...messages.map(
    (id): Call =>
      (store) =>
        store.messages.read(id),
  ),
]
