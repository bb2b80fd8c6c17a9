import type { EndReason } from '../domain/ending.ts'
import { closeCodes } from '../protocol/close-codes.ts'

/** How a socket of one group ends when its user may hear no more of it. */
export const endCode: Record<EndReason, number> = {
  access_revoked: closeCodes.accessRevoked,
  group_deleted: closeCodes.groupDeleted,
}

/** Unreadable frames within so many milliseconds that close a socket with 4502. */
export const maxBadFrames = 20
export const badFramesMs = 60_000
/** Frames being worked on before a socket is read no further. */
export const maxUnderWay = 256
/** Groups that one socket may listen to. */
export const maxSubscriptions = 1_000

export const subprotocol = 'chat.v1'
