import { ChatError } from './errors.ts'

/** A place in a group's history: all messages up to `seq` and all changes up to `rev` have been seen. */
export interface Position {
  readonly seq: number
  readonly rev: number
}

/**
 * A position that a client keeps and comes back with. Opaque to clients; inside it is `epoch.seq.rev`.
 *
 * While history is replayed, messages are told in their present form, so the changes that made them so must not be told
 * again. A cursor inside a replay therefore remembers where the replay began: changes up to `replay.rev` of messages
 * after `replay.seq` are already told. Written as `epoch.seq.rev.replaySeq.replayRev`.
 */
export interface Cursor extends Position {
  readonly replay?: Position
}

export const formatCursor = (epoch: string, at: Cursor): string =>
  at.replay && at.replay.rev > at.rev
    ? `${epoch}.${at.seq}.${at.rev}.${at.replay.seq}.${at.replay.rev}`
    : `${epoch}.${at.seq}.${at.rev}`

const pattern = /^([A-Za-z0-9]{1,32})\.(\d{1,15})\.(\d{1,15})(?:\.(\d{1,15})\.(\d{1,15}))?$/

/** Throws malformed. */
export function parseCursor(text: string): { epoch: string; at: Cursor } {
  const match = pattern.exec(text)
  if (!match) throw new ChatError('malformed', 'This is not a cursor: send one exactly as you received it.')
  const [, epoch = '', seq, rev, replaySeq, replayRev] = match
  const at = { seq: Number(seq), rev: Number(rev) }
  return replaySeq === undefined
    ? { epoch, at }
    : { epoch, at: { ...at, replay: { seq: Number(replaySeq), rev: Number(replayRev) } } }
}

/** True when `at` has seen all that `other` has. */
export const covers = (at: Position, other: Position): boolean => at.seq >= other.seq && at.rev >= other.rev
