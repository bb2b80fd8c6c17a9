import assert from 'node:assert/strict'
import type { MessageView } from '../../../src/domain/message.ts'
import type { Frame, TestSocket } from '../../support/socket.ts'

/** The message that a frame tells or acknowledges. */
export const messageOf = (frame: Frame): MessageView => frame.message as MessageView

export const isMessage = (frame: Frame): boolean => frame.type === 'new_message'

/** The numbers of the group's messages, as they came. */
export const seqsOf = (frames: readonly Frame[], groupId: string): number[] =>
  frames
    .filter((frame) => isMessage(frame) && frame.group_id === groupId)
    .map((frame) => messageOf(frame).seq)

/** Resolves when the socket has heard the message. */
export const heard = ({ next }: TestSocket, { id }: MessageView): Promise<Frame> =>
  next((frame) => isMessage(frame) && messageOf(frame).id === id)

/** Holds the numbers to be all of those after `from`, up to `last`, each once and in order. */
export function assertRun(seqs: readonly number[], from: number, last: number): void {
  assert.deepEqual(
    seqs,
    Array.from({ length: last - from }, (_, i) => from + 1 + i),
  )
}

/** Of all that is in the log nothing was told twice: no two events have one cursor. */
export function assertNoneTwice(frames: readonly Frame[], groupId: string): void {
  const notInLog = new Set(['connected', 'subscribed', 'resync'])
  const cursors = frames
    .filter((frame) => frame.group_id === groupId && 'cursor' in frame && !notInLog.has(frame.type))
    .map(({ cursor }) => cursor)
  assert.equal(new Set(cursors).size, cursors.length, 'an event was told twice')
}
