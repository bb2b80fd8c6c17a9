import { createHash, randomBytes, randomInt } from 'node:crypto'
import { inviteCodeLength } from '../domain/invite.ts'
import type { NewMessage } from '../domain/message.ts'
import { sendParts } from '../domain/send-hash.ts'

/** Makes ids that sort by time: seconds, five random bytes of this process, a counter (as MongoDB's ObjectId). */
export function createIds(now: () => number): () => string {
  const unique = randomBytes(5).toString('hex')
  let count = randomInt(0x1000000)
  return () => {
    count = (count + 1) & 0xffffff
    const seconds = Math.floor(now() / 1000) >>> 0
    return seconds.toString(16).padStart(8, '0') + unique + count.toString(16).padStart(6, '0')
  }
}

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

/** 131 random bits, which nobody guesses: whoever has the code has access. `randomInt` prefers no character. */
export const newInviteCode = (): string =>
  Array.from({ length: inviteCodeLength }, () => base62.charAt(randomInt(base62.length))).join('')

/**
 * The id of a message sent with a key: a repeat meets the primary key, on any instance and at any later time.
 * The first 12 bytes of SHA-256 over the length-prefixed group, sender and key.
 */
export const keyedId = (groupId: string, senderId: string, clientId: string): string =>
  digest([groupId, senderId, clientId]).subarray(0, 12).toString('hex')

/** The id of a room, which goes by its name alone: the first 12 bytes of SHA-256 over the length-prefixed "room" and name. */
export const roomId = (name: string): string => digest(['room', name]).subarray(0, 12).toString('hex')

/** Stands for a name in the store. */
export const nameDigest = (parts: readonly string[]): string => digest(parts).toString('base64url')

/** The id of a group of this name: the first 12 bytes of SHA-256 over the length-prefixed parts and the incarnation. */
export const namedId = (parts: readonly string[], incarnation: number): string =>
  digest([...parts, String(incarnation)])
    .subarray(0, 12)
    .toString('hex')

/** Tells a true repeat from another message under the same key: SHA-256 over the length-prefixed parts of the send. */
export const sendHash = (send: NewMessage): string => digest(sendParts(send)).toString('base64url')

function digest(parts: readonly string[]): Buffer {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return hash.digest()
}
