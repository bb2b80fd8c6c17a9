import { requireOperator } from '../domain/access.ts'
import { exporting } from '../domain/audit.ts'
import type { Caller } from '../domain/caller.ts'
import type { StoredFile } from '../domain/file.ts'
import type { GroupName } from '../domain/group.ts'
import type { Member } from '../domain/member.ts'
import type { Message } from '../domain/message.ts'
import type { Profile } from '../domain/profile.ts'
import type { Rates } from '../domain/rates.ts'
import type { UserReaction } from '../store/erasures.ts'
import type { Store } from '../store/store.ts'

/** One thing that is known of a user. */
export type Exported =
  /** null where nothing is known but the id. */
  | { readonly type: 'profile'; readonly userId: string; readonly profile: Profile | null }
  | {
      readonly type: 'membership'
      readonly group: GroupName
      readonly member: Member
      /** Up to where the user has read. */
      readonly readSeq: number
    }
  | { readonly type: 'message'; readonly message: Message }
  | { readonly type: 'reaction'; readonly reaction: UserReaction }
  | { readonly type: 'file'; readonly file: StoredFile }

export interface Exports {
  /**
   * All that is known of a user, some at a time, read on as it is taken. The audit tells of exports of others. Throws forbidden (of
   * oneself, or operators), rate_limited.
   */
  of(by: Caller, userId: string): Promise<AsyncIterable<readonly Exported[]>>
}

interface Deps {
  store: Store
  now: () => number
  rates: Pick<Rates, 'exports'>
}

const mostGroups = 10_000
const perPage = 100

export function createExports({ store, now, rates }: Deps): Exports {
  async function* memberships(userId: string): AsyncIterable<Exported[]> {
    const ids = await store.groups.listIds(userId, mostGroups, true)
    for (let from = 0; from < ids.length; from += perPage) {
      const some = ids.slice(from, from + perPage)
      const groups = await store.groups.listNames(userId, some)
      const readings = await store.reads.ofUser(userId, some)
      const members = await Promise.all(groups.map(({ id }) => store.members.read(id, userId)))
      yield groups.flatMap((group, i): Exported[] => {
        const member = members[i]?.member
        const readSeq = readings.get(group.id)?.readSeq ?? 0
        return member ? [{ type: 'membership', group, member, readSeq }] : []
      })
    }
  }

  async function* files(userId: string): AsyncIterable<Exported[]> {
    let after: string | null = null
    for (;;) {
      const page: StoredFile[] = await store.files.listOfUser(userId, after, perPage)
      yield page.map((file): Exported => ({ type: 'file', file }))
      if (page.length < perPage) return
      after = page.at(-1)?.id ?? null
    }
  }

  async function* all(userId: string): AsyncIterable<readonly Exported[]> {
    const [profile = null] = await store.profiles.read([userId])
    yield [{ type: 'profile', userId, profile }]
    yield* memberships(userId)
    for await (const page of await store.exports.messages(userId))
      yield page.map((message): Exported => ({ type: 'message', message }))
    for await (const page of await store.exports.reactions(userId))
      yield page.map((reaction): Exported => ({ type: 'reaction', reaction }))
    yield* files(userId)
  }

  return {
    async of(by, userId) {
      if (userId !== by.userId) requireOperator(by)
      rates.exports.take(by.userId)
      if (userId !== by.userId) await store.audit.add(exporting(userId, by, now()))
      return all(userId)
    },
  }
}
