import type { Pinned } from '../../domain/pin.ts'
import { distinct } from '../../domain/user-list.ts'
import type { NumberedDoc } from './documents.ts'
import type { Connection } from './engine/connect.ts'

/** Whether each of these messages is pinned, by its id. Those that never were are left out. */
export async function readPinned(
  { pins, causal }: Connection,
  docs: readonly NumberedDoc[],
): Promise<Map<string, Pinned>> {
  const asked = docs.filter(({ was_pinned }) => was_pinned === true)
  if (!asked.length) return new Map()
  const groupIds = distinct(asked.map(({ group_id }) => group_id))
  const found = await causal.read((options) => pins.find({ _id: { $in: groupIds } }, options).toArray())
  const pinnedAt = new Map(
    found.flatMap(({ pinned }) => pinned.map(({ message_id, at }) => [message_id, at.getTime()] as const)),
  )
  return new Map(
    asked.map(({ _id, is_deleted, pin_rev = 0 }) => {
      const id = _id.toHexString()
      return [id, { pinnedAt: is_deleted ? null : (pinnedAt.get(id) ?? null), pinRev: pin_rev }]
    }),
  )
}

/** To be called before a deleted message is restored: what is restored is not pinned. */
export async function dropPin(
  { pins }: Connection,
  { _id, group_id, was_pinned }: NumberedDoc,
): Promise<void> {
  if (!was_pinned) return
  const message_id = _id.toHexString()
  await pins.updateOne(
    { _id: group_id, 'pinned.message_id': message_id },
    { $pull: { pinned: { message_id } }, $inc: { ver: 1 } },
  )
}
