import { ChatError } from '../domain/errors.ts'
import { testUsers } from '../domain/test-user.ts'
import type { Store } from '../store/store.ts'
import type { Accounts } from './accounts.ts'
import { roomId } from './ids.ts'
import { lastingRoom, newRoom } from './rooms.ts'

interface Deps {
  store: Pick<Store, 'accounts' | 'groups' | 'members' | 'profiles'>
  accounts: Pick<Accounts, 'make'>
  now: () => number
}

/**
 * Makes the test users, and a room of which they are members, where there are no accounts yet. Never to be called in production.
 * Resolves to the names of those test users that there are.
 */
export async function makeTestUsers({ store, accounts, now }: Deps): Promise<string[]> {
  if ((await store.accounts.list(null, 1)).length === 0) {
    const made: string[] = []
    for (const user of testUsers) {
      const profile = await unlessTaken(accounts.make(user))
      if (profile) made.push(profile.id)
    }
    await makeRoom(store, made, now())
  }
  const found = await Promise.all(testUsers.map(({ username }) => store.profiles.readByName(username)))
  return found.filter((profile) => profile?.origin === 'account').map((profile) => profile?.username ?? '')
}

/** The tokens of an auth-api may have brought somebody of that name, or another instance is doing the same. */
async function unlessTaken<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (error instanceof ChatError && (error.code === 'name_taken' || error.code === 'conflict')) return null
    throw error
  }
}

async function makeRoom(store: Deps['store'], members: readonly string[], at: number): Promise<void> {
  const group = newRoom(roomId(lastingRoom), lastingRoom, at, members)
  if (await unlessTaken(store.groups.create(group))) return
  const operator = { userId: 'chat-api', admin: true }
  if (members.length) await store.members.add(group.id, members, 'added', operator, at)
}
