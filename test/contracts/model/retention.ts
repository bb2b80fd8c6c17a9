import fc from 'fast-check'
import { at, command, group, id, limit } from './command.ts'

const clear = fc
  .tuple(group, at, limit, at)
  .map(([n, before, limit, when]) =>
    command('retention.clear', { n, before, limit, when }, (store, ids) =>
      store.retention.clear(id(ids.groups, n), before, limit, when),
    ),
  )

export const retentionCommands = [clear]
