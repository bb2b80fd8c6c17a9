import { type Call, type Ids, users } from './command.ts'

export const mentionLooks = ({ groups, user }: Ids): Call[] =>
  users.flatMap((n): Call[] => [
    (store) =>
      store.mentions.countMany(
        user(n),
        groups.map((groupId) => ({ groupId, seq: 0 })),
      ),
    (store) =>
      store.mentions.countMany(
        user(n),
        groups.map((groupId) => ({ groupId, seq: 2 })),
      ),
  ])
