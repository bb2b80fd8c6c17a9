import type { Caller } from '../domain/caller.ts'
import type { Message } from '../domain/message.ts'
import type { Rates } from '../domain/rates.ts'
import type { Hub } from '../hub/hub.ts'
import type { Store } from '../store/store.ts'
import { readableGroup } from './access.ts'

export interface Pins {
  /**
   * Pins a message in its group. To pin it again succeeds, without effect. Throws not_found (also for a deleted message),
   * banned, muted, forbidden (admins), limit_reached, rate_limited.
   */
  add(by: Caller, messageId: string): Promise<Message>
  /** Takes the pin off. To do so again succeeds, without effect. Throws as `add`, but not limit_reached. */
  remove(by: Caller, messageId: string): Promise<Message>
  /** The pinned messages, the one pinned last at first. Throws not_found, banned, forbidden (those who may read). */
  list(by: Caller, groupId: string): Promise<Message[]>
}

interface Deps {
  store: Store
  hub: Pick<Hub, 'change'>
  now: () => number
  rates: Pick<Rates, 'edits'>
}

export function createPins(deps: Deps): Pins {
  const { store, hub, now, rates } = deps

  const change =
    (way: 'add' | 'remove') =>
    async (by: Caller, messageId: string): Promise<Message> => {
      rates.edits.take(by.userId)
      const { value: message, changes } = await store.pins[way](messageId, by, now())
      for (const change of changes) hub.change(change, { message })
      return message
    }

  return {
    add: change('add'),
    remove: change('remove'),

    async list(by, groupId) {
      await readableGroup(deps, by, groupId)
      return store.pins.list(groupId)
    },
  }
}
