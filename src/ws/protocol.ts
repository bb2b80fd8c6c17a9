import type { EndReason } from '../domain/ending.ts'
import { closeCodes } from '../protocol/close-codes.ts'

/** How a socket of one group ends when its user may hear no more of it. */
export const endCode: Record<EndReason, number> = {
  access_revoked: closeCodes.accessRevoked,
  group_deleted: closeCodes.groupDeleted,
  hidden: closeCodes.accessRevoked,
}

/** So many unreadable frames within so many milliseconds close a socket with 4502. */
export const maxBadFrames = 20
export const badFramesMs = 60_000
/** A socket is read no further while so many of its frames are being worked on. */
export const maxUnderWay = 256
/** One socket may listen to so many groups. */
export const maxSubscriptions = 1_000

export const subprotocol = 'chat.v1'
