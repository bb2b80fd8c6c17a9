import { ObjectId } from 'mongodb'
import type { Head } from '../../domain/change.ts'
import { withTimeout } from '../../domain/with-timeout.ts'
import { makeGone } from './attached-files.ts'
import type { Connection } from './engine/connect.ts'
import type { GroupLook } from './group-marks.ts'
import { putGroupEnd } from './letters.ts'
import type { Members } from './members.ts'
import type { Names } from './names.ts'

/** A deletion waits so many milliseconds for the messages to be removed too. */
const restMs = 2_000

/** Removes groups, and all that belongs to them. */
export interface Deletions {
  delete(id: string, at: number): Promise<void>
  /** Deletes a group whose only member goes. False when it has changed since it was read, and stays. */
  deleteAlone(group: GroupLook, at: number): Promise<boolean>
  /** Takes back a group that was made under an id that a deleted one had, and that nobody was told of. */
  withdraw(id: string): Promise<void>
  /** True when a group of this id is being deleted, or was a moment ago. */
  isBegun(id: string): Promise<boolean>
  /** Ends deletions that were begun, here or elsewhere, and removes what was still written meanwhile. */
  finish(): Promise<void>
}

interface Deps {
  connection: Connection
  /** The connection for what may take long. */
  patient: Connection
  members: Pick<Members, 'forget'>
  names: Pick<Names, 'release'>
  readHead(id: string): Promise<Head | null>
  /** The group's end leaves a letter that tells of it. */
  tellsEnds: boolean
  /** Is told of each group that is gone, and how many of its messages were deleted before. */
  onGone(id: string, deleted: number): void
}

const noteOf = (id: string): string => `deleted:${id}`

export function createDeletions(deps: Deps): Deletions {
  const { connection, patient, members, names, readHead, tellsEnds, onGone } = deps
  const { groups, meta } = connection
  /** The deletions that were found begun by the last call of `finish`. */
  let seen = new Set<string>()

  /** To be called when the group itself is removed, so that nobody writes to it any more. A sweep removes what is left. */
  async function removeRest(id: string): Promise<void> {
    await patient.changes.deleteMany({ group_id: id })
    await patient.messages.deleteMany({ group_id: id })
    await patient.reactions.deleteMany({ group_id: id })
    await patient.revisions.deleteMany({ group_id: id })
    await patient.pins.deleteOne({ _id: id })
    // What is known of a file stays until its bytes are removed, too.
    await patient.files.updateMany({ group_id: id, gone: { $exists: false } }, makeGone)
    await patient.reads.deleteMany({ group_id: id })
    await patient.heads.deleteOne({ _id: id })
    await patient.rosters.deleteOne({ _id: id })
    await patient.members.deleteMany({ group_id: id })
    await patient.bans.deleteMany({ group_id: id })
    await patient.invites.deleteMany({ group_id: id })
    await patient.reports.deleteMany({ group_id: id })
    await patient.preferences.deleteMany({ group_id: id })
    await patient.avatars.deleteMany({ group_id: id })
    await patient.consumed.deleteMany({ group_id: id })
    await patient.search.deleteMany({ group_id: id })
    await patient.letters.deleteMany({ group_id: id, entry: { $ne: null } })
  }

  /** What the note says beside the group: that its end has to be told, which is to be done when it is gone. */
  const toTell = (at: number) => (tellsEnds ? { at, is_told: false } : {})

  /** Whoever finds the note goes on with the deletion, so the group goes for good. */
  async function deleteFirst(id: string, also: object = {}): Promise<void> {
    await meta.updateOne(
      { _id: noteOf(id) },
      { $set: { group_id: id, ...also }, $unset: { ver: '' } },
      { upsert: true },
    )
    await groups.deleteOne({ _id: new ObjectId(id) })
  }

  /**
   * To be called when the group is gone. The note, which was there before, says until then that there is a letter to write: whoever
   * finishes the deletion writes it if this process ends here. Ending between the letter and the note's change, it is written twice.
   */
  async function tellEnd(id: string): Promise<void> {
    const note = await meta.findOne({ _id: noteOf(id), is_told: false })
    if (!note) return
    await putGroupEnd(connection, id, note.at ?? 0)
    await meta.updateOne({ _id: noteOf(id) }, { $set: { is_told: true } })
  }

  /** The group is gone, whatever becomes of the rest. A sweep finishes what fails or takes longer. */
  async function gone(id: string): Promise<void> {
    members.forget(id)
    if (tellsEnds) await tellEnd(id).catch(() => undefined)
    // While the note is there nobody can take the id for a new group, so a name can be given up after its group.
    await names.release(id)
    const rest = removeRest(id).catch(() => undefined)
    await withTimeout(rest, restMs, () => undefined)
  }

  return {
    async delete(id, at) {
      const head = await readHead(id)
      await deleteFirst(id, toTell(at))
      onGone(id, head?.deleted ?? 0)
      await gone(id)
    },

    async withdraw(id) {
      await deleteFirst(id)
      await gone(id)
    },

    isBegun: async (id) => (await meta.findOne({ _id: noteOf(id) })) !== null,

    async deleteAlone({ _id, ver }, at) {
      const id = _id.toHexString()
      const head = await readHead(id)
      // The note says which group is meant: if this process ends here, somebody may come before the note is found.
      await meta.updateOne(
        { _id: noteOf(id) },
        { $set: { group_id: id, ver: ver ?? null, ...toTell(at) } },
        { upsert: true },
      )
      const { deletedCount } = await groups.deleteOne(alone(_id, ver))
      if (deletedCount === 0 && (await groups.findOne({ _id }, { projection: { _id: 1 } }))) {
        await meta.deleteOne({ _id: noteOf(id), ver: ver ?? null } as object)
        return false
      }
      onGone(id, head?.deleted ?? 0)
      await gone(id)
      return true
    },

    async finish() {
      const notes = await meta.find({ _id: { $gte: 'deleted:', $lt: 'deleted;' } }).toArray()
      const old = notes.filter((note) => seen.has(note._id))
      seen = new Set(notes.map((note) => note._id))
      for (const { _id, group_id, ver } of old) {
        if (!group_id) continue
        const id = new ObjectId(group_id)
        await groups.deleteOne(ver === undefined ? { _id: id } : alone(id, ver))
        const stays = ver !== undefined && (await groups.findOne({ _id: id }, { projection: { _id: 1 } }))
        if (!stays) {
          await tellEnd(group_id)
          await names.release(group_id)
          await removeRest(group_id)
        }
        await meta.deleteOne({ _id })
      }
    },
  }
}

/** Matches the group while nobody has changed it, and nobody came by hand. */
const alone = (_id: ObjectId, ver: number | null | undefined) =>
  ({ _id, ver: ver ?? null, unlogged: null, authorized_user_ids: { $size: 1 } }) as object
