import type { Change } from '../domain/change.ts'
import type { Store } from '../store/store.ts'
import type { Directory } from './directory.ts'

type Noun = 'messages' | 'pins' | 'members' | 'bans' | 'reads' | 'log'
type Operation = (...args: never[]) => Promise<unknown>

/** For operations of a noun, the users whom a result names. */
type Named<Of> = {
  readonly [Name in keyof Of]?: Of[Name] extends (...args: never[]) => Promise<infer Result>
    ? (result: NonNullable<Result>) => readonly string[]
    : never
}

const senders = (messages: Iterable<{ readonly senderId: string }>): string[] => [
  ...new Set([...messages].map(({ senderId }) => senderId)),
]
const users = (of: readonly { readonly userId: string }[]): string[] => of.map(({ userId }) => userId)
const sender = ({ value }: { readonly value: { readonly senderId: string } }) => [value.senderId]

/** The users whom the event of a change names. */
export const usersOf = ({ data }: Pick<Change, 'data'>): string[] =>
  typeof data.user_id === 'string' ? [data.user_id] : []

const named: { readonly [Name in Noun]: Named<Store[Name]> } = {
  messages: {
    append: sender,
    edit: sender,
    delete: sender,
    restore: sender,
    read: ({ senderId }) => [senderId],
    readMany: senders,
    listLast: (last) => senders(last.values()),
    list: senders,
    listReplies: senders,
    listThread: senders,
    listWithDeleted: senders,
  },
  pins: { add: sender, remove: sender, list: senders },
  members: {
    list: ({ members }) => users(members),
    add: ({ value }) => users(value),
    change: ({ value }) => [value.userId],
  },
  bans: { list: users, put: ({ value }) => [value.userId] },
  reads: { list: users },
  log: {
    read: ({ messages, changes }) => [
      ...new Set([...messages.map(({ senderId }) => senderId), ...changes.flatMap(usersOf)]),
    ],
  },
}

/** The same store, from which nobody comes of whom the directory does not know what they are called. */
export function knownStore(store: Store, directory: Pick<Directory, 'know' | 'changed' | 'forget'>): Store {
  const made: Store = Object.create(store)
  for (const [noun, operations] of Object.entries(named)) {
    const source = store[noun as Noun]
    const known: Record<string, Operation> = {}
    for (const [name, idsIn] of Object.entries(operations)) {
      const operation = source[name as keyof typeof source] as Operation
      known[name] = async (...args: never[]) => {
        const result = await operation(...args)
        const looked = result === null ? undefined : directory.know(idsIn(result as never))
        if (looked) await looked
        return result
      }
    }
    override(made, noun, inheriting(source, known))
  }
  // Those who are listed are not shown with their names here. They are looked up so that each gets a profile, which nobody waits for.
  const groups: Partial<Store['groups']> = {
    async create(...args) {
      const written = await store.groups.create(...args)
      void directory.know(written.value.authorizedUserIds)
      return written
    },
    async update(...args) {
      const written = await store.groups.update(...args)
      void directory.know(args[1].authorizedUserIds ?? [])
      return written
    },
  }
  override(made, 'groups', inheriting(store.groups, groups))
  const profiles: Partial<Store['profiles']> = {
    async register(...args) {
      const profile = await store.profiles.register(...args)
      directory.changed([profile])
      return profile
    },
    async remove(userId) {
      await store.profiles.remove(userId)
      directory.forget(userId)
    },
    async change(...args) {
      const changed = await store.profiles.change(...args)
      directory.changed([changed.after])
      return changed
    },
  }
  override(made, 'profiles', inheriting(store.profiles, profiles))
  return made
}

/** What is inherited may not be assigned to. */
const override = (object: object, name: string, value: unknown): void =>
  void Object.defineProperty(object, name, { value, enumerable: true })

function inheriting<T extends object>(source: T, own: object): T {
  const made: T = Object.create(source)
  for (const [name, value] of Object.entries(own)) override(made, name, value)
  return made
}
