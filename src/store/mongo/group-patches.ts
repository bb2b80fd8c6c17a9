import type { UpdateFilter, WithId } from 'mongodb'
import type { Caller } from '../../domain/caller.ts'
import { type GroupPatch, type GroupWithMembers, isToldApart, requireRoom } from '../../domain/group.ts'
import { newMember, ownersWithout, requireNoneBanned } from '../../domain/member-changes.ts'
import { difference, distinct } from '../../domain/user-list.ts'
import type { GroupDoc, MarkEntry } from './documents.ts'
import type { Connection } from './engine/connect.ts'
import { addedEntry, removedEntry } from './group-changes.ts'
import { membersOf, ownersToSet, settingsOf } from './group-documents.ts'
import { asSeen, isSame } from './group-marks.ts'
import { markId } from './log/pending.ts'
import { mutedUntil } from './member-records.ts'
import { bannedUntil, readPeople } from './people.ts'

interface Planned {
  /** The group after it is written. */
  readonly after: GroupWithMembers
  readonly filter: object
  readonly set: Partial<GroupDoc>
  readonly also: UpdateFilter<GroupDoc>
}

interface Deps {
  connection: Connection
  maxMembers: number
}

/**
 * What a patch writes to a group, with the mark of what is to be logged; null when it changes nothing. Throws user_banned,
 * last_owner, group_full.
 */
export async function planPatch(
  { connection, maxMembers }: Deps,
  doc: WithId<GroupDoc>,
  before: GroupWithMembers,
  patch: GroupPatch,
  by: Caller,
  at: number,
): Promise<Planned | null> {
  const { ifTag: _, ...wanted } = { ...before, ...patch }
  const isListed = patch.authorizedUserIds !== undefined && !isSame(wanted.authorizedUserIds, membersOf(doc))
  const old = distinct(before.authorizedUserIds)
  const { added, removed } = isListed ? difference(old, wanted.authorizedUserIds) : { added: [], removed: [] }
  const people = await readPeople(connection, before.id, added)
  requireNoneBanned(added, bannedUntil(people.bans, added), by, at)
  const ownerIds = removed.length ? ownersWithout(before, removed) : before.ownerIds
  requireRoom(old.length - removed.length, added.length, maxMembers)

  const isTold = isToldApart(before, wanted)
  if (!isTold && !isListed) return null
  const entries: MarkEntry[] = [
    ...(isTold ? [{ type: 'group_updated' as const }] : []),
    ...added.map((userId) =>
      addedEntry(newMember({ ownerIds }, userId, mutedUntil(people.records.get(userId)), at), at),
    ),
    ...removed.map((userId) => removedEntry(userId, by.userId)),
  ]
  const ver = (doc.ver ?? 0) + 1
  const set: Partial<GroupDoc> = {
    ...(isTold && settingsOf(wanted)),
    ...(isListed && {
      authorized_user_ids: [...wanted.authorizedUserIds],
      logged_user_ids: [...wanted.authorizedUserIds],
    }),
    ...(removed.length && ownersToSet(ownerIds)),
    updated_at: new Date(at),
    ver,
    ...(entries.length && { unlogged: { id: markId(), at: new Date(at), entries } }),
  }
  return {
    after: { ...wanted, ownerIds, updatedAt: at },
    filter: isListed ? asSeen(doc) : { _id: doc._id, ver: doc.ver ?? null, unlogged: null },
    set,
    also: removed.length && !ownerIds.length ? { $unset: { owner_id: '' as const } } : {},
  }
}
