import fc from 'fast-check'
import { at, type Call, command, group, type Ids, id, limit, number } from './command.ts'

const trim = at.map((before) =>
  // The number of dropped changes is not compared, because the store may hold what other runs left.
  command('log.trim', { before }, async (store) => void (await store.log.trim(before))),
)

const read = fc
  .tuple(group, number, number, limit)
  .map(([n, seq, rev, limit]) =>
    command('log.read', { n, seq, rev, limit }, (store, ids) =>
      store.log.read(id(ids.groups, n), { seq, rev }, limit),
    ),
  )

export const logCommands = [trim, read]

export const logLooks = ({ groups }: Ids): Call[] =>
  groups.flatMap((id): Call[] => [
    (store) => store.log.readHead(id),
    (store) => store.log.read(id, { seq: 0, rev: 0 }, 1_000),
    (store) => store.log.readStart(id),
  ])
