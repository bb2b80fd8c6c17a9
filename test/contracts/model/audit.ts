import type { Call, Ids } from './command.ts'

/** In an order that does not depend on ids, because each store has its own. */
export const auditLooks = ({ groups }: Ids): Call[] =>
  groups.map(
    (groupId): Call =>
      async (store) =>
        (await store.audit.list({ groupId, limit: 1_000 })).entries
          .map(({ id: _, ...deed }) => JSON.stringify(deed, Object.keys(deed).sort()))
          .sort(),
  )
