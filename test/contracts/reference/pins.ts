import { requireMay } from '../../../src/domain/access.ts'
import type { Caller } from '../../../src/domain/caller.ts'
import { notFound } from '../../../src/domain/errors.ts'
import { requireRoomForPin } from '../../../src/domain/pin.ts'
import type { PinStore } from '../../../src/store/pins.ts'
import { type Contents, type Kept, logChange } from './kept.ts'

const pinnedIn = ({ messages }: Kept) =>
  messages.filter(({ pinnedAt }) => pinnedAt !== null).sort((a, b) => b.pinRev - a.pinRev)

export function referencePins({ groups, membership, need, findMessage }: Contents): PinStore {
  const change = (id: string, by: Caller, at: number, isPinned: boolean) => {
    const message = findMessage(id)
    if (!message) throw notFound('message')
    requireMay('pin', membership(message.groupId, by.userId), by, at)
    if (message.isDeleted) throw notFound('message')
    if ((message.pinnedAt !== null) === isPinned) return { value: message, changes: [] }
    const kept = need(message.groupId)
    if (isPinned) requireRoomForPin(pinnedIn(kept).length)
    const about = { at, messageId: id, messageSeq: message.seq }
    const logged = isPinned
      ? logChange(kept, { ...about, type: 'message_pinned', data: { by: by.userId } })
      : logChange(kept, { ...about, type: 'message_unpinned' })
    const value = { ...message, pinnedAt: isPinned ? at : null, pinRev: logged.rev }
    kept.messages[message.seq - 1] = value
    return { value, changes: [logged] }
  }

  return {
    add: async (id, by, at) => change(id, by, at, true),
    remove: async (id, by, at) => change(id, by, at, false),
    async list(groupId) {
      const kept = groups.get(groupId)
      return kept ? pinnedIn(kept) : []
    },
  }
}
