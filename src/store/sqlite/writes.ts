import type { DatabaseSync } from 'node:sqlite'
import { createAccountWrites } from './accounts.ts'
import { createAttemptWrites } from './attempts.ts'
import { createAudit, createAuditWrites } from './audit.ts'
import { createAvatarWrites } from './avatars.ts'
import { backfills } from './backfills.ts'
import { createBanWrites } from './bans.ts'
import { createBlockWrites } from './blocks.ts'
import { createLogChange } from './changes.ts'
import { createDeviceWrites } from './devices.ts'
import { createBackfillWrites } from './engine/backfill.ts'
import { createErasureWrites } from './erasures.ts'
import { createFeedWrites, createMoves } from './feed.ts'
import { createAttach, createFileWrites } from './file-writes.ts'
import { createGroupEnd } from './group-end.ts'
import { createGroupNumbers } from './group-numbers.ts'
import { createGroupWrites } from './group-writes.ts'
import { createInviteWrites } from './invites.ts'
import { createLetterWrites } from './letters.ts'
import { createLogWrites } from './log.ts'
import { createMemberList } from './member-list.ts'
import { createMemberReads } from './member-reads.ts'
import { createMemberWrites } from './member-writes.ts'
import { createMessageFind, createMessageWrites } from './messages.ts'
import { createNameWrites } from './names.ts'
import { createPinWrites } from './pins.ts'
import { createPreferenceWrites, createShowChat } from './preferences.ts'
import { createProfileWrites } from './profiles.ts'
import { createReactionWrites } from './reactions.ts'
import { createMarkSent, createReadWrites } from './reads.ts'
import { createRemove } from './removals.ts'
import { createReportWrites } from './reports.ts'
import { createRetentionWrites } from './retention.ts'
import { createKeepRevision } from './revisions.ts'
import { createSearchWrites } from './search/entries.ts'
import { createSecretWrites } from './secrets.ts'
import { createSessionWrites } from './sessions.ts'
import { createTotals } from './stats.ts'

/** All that the writer can be asked to do, by name. Each runs inside a transaction. */
export type Writes = ReturnType<typeof createWrites>

export interface WriteOptions {
  /** A group's end leaves a letter that tells of it. */
  readonly tellsEnds?: boolean
}

export function createWrites(db: DatabaseSync, { tellsEnds = false }: WriteOptions = {}) {
  const moves = createMoves(db)
  const totals = createTotals(db)
  const names = createNameWrites(db)
  const deps = {
    memberReads: createMemberReads(db),
    members: createMemberList(db),
    logChange: createLogChange(db, moves),
    moves,
    totals,
    audit: createAudit(db),
    numbers: createGroupNumbers(db),
    names,
    endGroup: createGroupEnd(db, { moves, totals, names, tellsEnds }),
    showChat: createShowChat(db),
    findMessage: createMessageFind(db),
    markSent: createMarkSent(db),
    keepRevision: createKeepRevision(db),
    attach: createAttach(db),
    remove: createRemove(db, { totals }),
  }
  const memberWrites = createMemberWrites(deps)
  const profileWrites = createProfileWrites(db)
  const setEpoch = db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('epoch', ?)")

  return {
    /** Answers when the writer does. */
    ping: (): void => undefined,
    setEpoch: (epoch: string): void => void setEpoch.run(epoch),
    ...createGroupWrites(db, deps),
    ...memberWrites,
    ...createBanWrites(db, deps),
    ...createMessageWrites(db, deps),
    ...createReactionWrites(db, deps),
    ...createPinWrites(db, deps),
    ...createReadWrites(db, deps),
    ...createFileWrites(db, deps),
    ...createSecretWrites(db),
    ...createInviteWrites(db, { ...deps, memberWrites }),
    ...createPreferenceWrites(db, deps),
    ...createRetentionWrites(db, deps),
    ...createReportWrites(db, deps),
    ...createErasureWrites(db, deps),
    ...createAuditWrites(db, deps),
    ...profileWrites,
    ...createBlockWrites(db),
    ...createAvatarWrites(db),
    ...createLogWrites(db),
    ...createFeedWrites(db),
    ...createAccountWrites(db),
    ...createSessionWrites(db),
    ...createAttemptWrites(db),
    ...createSearchWrites(db),
    ...createLetterWrites(db),
    ...createDeviceWrites(db),
    ...createBackfillWrites(db, backfills, { ...deps, nameUsers: profileWrites['profiles.name'] }),
  }
}
