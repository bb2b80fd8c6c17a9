import type { Inbox, Live, Subscription } from '../chat/live.ts'
import type { Caller } from '../domain/caller.ts'
import type { Encode } from '../hub/encode.ts'
import type { Handshake } from './handshake.ts'
import { maxSubscriptions } from './protocol.ts'

/** What a session listens to: one group, or all groups of its user. */
export type Scope = ({ readonly group: Subscription } | { readonly inbox: Inbox }) & {
  /** To be called when the session listens no more. */
  readonly end?: (() => void) | undefined
}

/** Throws what the place refuses an upgrade with, and what `Live` throws. */
export async function openScope(
  live: Pick<Live, 'subscribe' | 'subscribeAll'>,
  by: Caller,
  { place, parameter, after, silent }: Pick<Handshake<unknown>, 'place' | 'parameter' | 'after' | 'silent'>,
  encode: Encode,
): Promise<Scope> {
  const { groupId, end } = await place.scopeOf(by, parameter)
  try {
    if (groupId !== null) return { group: await live.subscribe(by, groupId, encode, after), end }
    return { inbox: await live.subscribeAll(by, encode, silent ? 0 : maxSubscriptions), end }
  } catch (error) {
    end?.()
    throw error
  }
}

/** Ends what no session has begun with. */
export function stopScope(scope: Scope): void {
  if ('group' in scope) scope.group.stop()
  else scope.inbox.stop()
  scope.end?.()
}
