import fc from 'fast-check'
import { at, by, type Call, caller, command, type Ids, id, message, users } from './command.ts'

const emoji = fc.constantFrom('👍', '🎉', '😀')

const react = fc.tuple(message, emoji, fc.boolean(), by, at).map(([n, kind, added, who, when]) =>
  command(added ? 'reactions.add' : 'reactions.remove', { n, kind, who, when }, (store, ids) => {
    const { add, remove } = store.reactions
    return (added ? add : remove)(id(ids.messages, n), kind, caller(ids, who), when)
  }),
)

export const reactionCommands = [react, react, react]

export const reactionLooks = ({ messages, user }: Ids): Call[] =>
  users.map(
    (n): Call =>
      (store) =>
        store.reactions.listOwn(user(n), messages),
  )
