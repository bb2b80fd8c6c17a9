import type { Call, Ids } from './command.ts'

export const revisionLooks = ({ messages }: Ids): Call[] =>
  messages.map(
    (id): Call =>
      (store) =>
        store.revisions.list(id),
  )
