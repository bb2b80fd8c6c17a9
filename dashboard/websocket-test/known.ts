import type { Known } from './apis.ts'

type Fields = Readonly<Record<string, unknown>>

/**
 * Learns the ids for the templates from what goes over the socket: the first group that there is, or the one of the newest message; the
 * own message that was acknowledged last, or the newest one. `begunAt` makes the ids of messages unlike those of other times.
 */
export function createKnown(begunAt: number) {
  let groupId = 'GROUP_ID'
  let messageId = 'MESSAGE_ID'
  let hasOwn = false
  let seq = 0
  let id = 1

  function learn({ id, group_id, seq: at }: Fields, isOwn: boolean): void {
    if (typeof group_id === 'string') groupId = group_id
    if (typeof at === 'number') seq = at
    if (typeof id !== 'string' || (hasOwn && !isOwn)) return
    messageId = id
    hasOwn = isOwn
  }

  return {
    hear(frame: unknown): void {
      const { type, group_id, groups, message } = (frame ?? {}) as Fields
      if (type === 'connected')
        learn(Array.isArray(groups) ? ((groups[0] ?? {}) as Fields) : { group_id }, false)
      else if (typeof message === 'object' && message !== null) learn(message as Fields, type === 'ack')
    },

    /** A frame went out: the next one has another id. */
    sent(): void {
      id++
    },

    now: (token: string): Known => ({
      token,
      groupId,
      messageId,
      seq,
      id,
      clientId: `test-${begunAt.toString(36)}-${id}`,
    }),
  }
}
