import fc from 'fast-check'
import { at, by, type Call, caller, command, group, type Ids, id, message } from './command.ts'

const pin = fc.tuple(message, fc.boolean(), by, at).map(([n, isPinned, who, when]) =>
  command(isPinned ? 'pins.add' : 'pins.remove', { n, who, when }, (store, ids) => {
    const { add, remove } = store.pins
    return (isPinned ? add : remove)(id(ids.messages, n), caller(ids, who), when)
  }),
)

const list = group.map((n) => command('pins.list', { n }, (store, ids) => store.pins.list(id(ids.groups, n))))

export const pinCommands = [pin, pin, list]

export const pinLooks = ({ groups }: Ids): Call[] =>
  groups.map(
    (id): Call =>
      (store) =>
        store.pins.list(id),
  )
