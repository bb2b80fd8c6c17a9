import type { Collection, Document, IndexDescription } from 'mongodb'
import type { BackfillStep } from '../../backfill.ts'
import { StartError } from '../../start-error.ts'
import { sentence } from './absence.ts'
import type { Connection } from './connect.ts'
import { canNeverBeMade, existsUnderOtherName, hasNoCollection, hasNoCommitQuorum } from './failure.ts'

/**
 * Makes those indexes that are missing and without which the service can't begin: they keep numbers apart, or are looked into
 * all the time. Only `slot` is unique, and sparse, so that the older service can go on inserting messages that have none.
 */
export async function makeIndexes(connection: Connection): Promise<void> {
  const { groups, members, bans, invites, names, preferences, messages, reactions, pins, revisions } =
    connection
  const { audit, avatars, blocks, profiles, reads, files, uploads, changes, heads, consumed, search } =
    connection
  const { sessions, attempts, reports, erasures, devices, letters, signals } = connection
  await Promise.all([
    make(groups, [
      { key: { authorized_user_ids: 1 } },
      { key: { unlogged: 1 }, sparse: true },
      { key: { ver: 1 } },
    ]),
    make(members, [{ key: { group_id: 1, 'given.role': 1 } }]),
    make(bans, [{ key: { group_id: 1, 'ban.is_over': 1, 'ban.created_at': 1 } }, { key: { user_id: 1 } }]),
    make(invites, [{ key: { group_id: 1, created_at: 1 } }]),
    make(names, [{ key: { group_id: 1 }, sparse: true }]),
    make(preferences, [{ key: { group_id: 1 } }, { key: { user_id: 1, hidden_up_to: 1 } }]),
    make(messages, [
      { key: { group_id: 1, created_at: 1 } },
      { key: { group_id: 1, seq: 1 } },
      { key: { slot: 1 }, unique: true, sparse: true },
      { key: { unlogged: 1 }, sparse: true },
      { key: { deleted_place: 1 }, sparse: true },
      { key: { count_mark: 1 }, sparse: true },
    ]),
    make(blocks, [{ key: { user_id: 1, created_at: 1 } }, { key: { blocked_id: 1 } }]),
    make(avatars, [
      { key: { sha256: 1 } },
      { key: { group_id: 1 }, sparse: true },
      { key: { user_id: 1 }, sparse: true },
    ]),
    make(profiles, [
      { key: { number: 1 }, unique: true },
      { key: { name_key: 1 }, unique: true, sparse: true },
      { key: { email_key: 1 }, unique: true, sparse: true },
      { key: { terms: 1 } },
      { key: { changed: 1 } },
    ]),
    make(reads, [{ key: { group_id: 1, 'mark.seq': -1, 'mark.at': 1, user_id: 1 } }]),
    make(files, [
      { key: { group_id: 1, created_at: -1, _id: -1 } },
      { key: { uploaded_by: 1 } },
      { key: { message_id: 1 }, sparse: true },
      { key: { unsent_since: 1 }, sparse: true },
      { key: { reserved_at: 1 }, sparse: true },
      { key: { gone: 1 }, sparse: true },
    ]),
    make(uploads, [{ key: { at: 1 }, expireAfterSeconds: 2 * 24 * 3_600 }]),
    make(reactions, [
      { key: { message_id: 1, emoji: 1 } },
      { key: { group_id: 1 } },
      { key: { unlogged: 1 }, sparse: true },
    ]),
    make(revisions, [{ key: { message_id: 1, ver: 1 } }, { key: { group_id: 1 } }]),
    make(pins, [{ key: { unlogged: 1 }, sparse: true }]),
    make(changes, [
      { key: { slot: 1 }, unique: true },
      { key: { group_id: 1, rev: 1 } },
      { key: { at: 1, group_id: 1, rev: 1 } },
    ]),
    make(heads, [{ key: { moved: 1, _id: 1 } }]),
    make(consumed, [{ key: { group_id: 1 } }, { key: { consumer: 1 } }]),
    make(erasures, [{ key: { changed: 1 } }, { key: { user_id: 1 }, sparse: true }]),
    make(reports, [
      { key: { created_at: -1, _id: -1 } },
      { key: { status: 1, created_at: -1, _id: -1 } },
      { key: { group_id: 1 } },
      { key: { is_untold: 1 }, sparse: true },
    ]),
    make(audit, [
      { key: { at: -1, _id: -1 } },
      { key: { group_id: 1, at: -1, _id: -1 } },
      { key: { by: 1, at: -1, _id: -1 } },
      { key: { user_id: 1, at: -1, _id: -1 } },
    ]),
    make(search, [{ key: { group_id: 1, terms: 1, place: -1, _id: -1 } }]),
    make(devices, [{ key: { user_id: 1 } }]),
    make(letters, [
      { key: { due_at: 1, at: 1 } },
      { key: { group_id: 1, at: 1, nth: 1 } },
      { key: { at: 1, nth: 1 } },
    ]),
    make(signals, [{ key: { at: 1 }, expireAfterSeconds: 60 }]),
    make(sessions, [
      { key: { user_id: 1, refreshed_at: -1 } },
      { key: { ended_at: 1, _id: 1 }, sparse: true },
      { key: { known_until: 1 }, expireAfterSeconds: 0 },
    ]),
    make(attempts, [{ key: { until: 1 }, expireAfterSeconds: 0 }]),
  ])
}

/**
 * The indexes that only make something faster. They are built in the background, because on a large collection of the older
 * service a start would wait long for them. The server goes on building when the instance that asked for it is gone.
 */
export function indexSteps({ groups, messages, reactions, totals }: Connection): BackfillStep[] {
  return [
    indexStep(groups, { key: { name: 1 } }),
    indexStep(groups, { key: { visibility: 1, created_at: 1, _id: 1 } }),
    indexStep(groups, { key: { number: 1 } }),
    indexStep(messages, { key: { sender_id: 1 } }),
    indexStep(messages, { key: { deleted_by: 1 }, sparse: true }),
    indexStep(reactions, { key: { user_id: 1 } }),
    indexStep(messages, { key: { mentioned: 1 }, sparse: true }),
    indexStep(messages, { key: { group_id: 1, reply_to: 1, seq: 1 } }),
    indexStep(messages, { key: { thread_slot: 1 }, sparse: true }),
    indexStep(messages, { key: { kept_since: 1 }, sparse: true }),
    indexStep(totals, { key: { heat: 1 }, sparse: true }),
  ]
}

/** The collection's own indexes tell whether it is done, so that an index that was dropped by hand is made again. */
function indexStep<Doc extends Document>(
  collection: Collection<Doc>,
  index: IndexDescription & { key: Record<string, 1> },
): BackfillStep {
  const keys = JSON.stringify(index.key)
  const fields = Object.keys(index.key).join('_')
  return {
    name: `index_${collection.collectionName}_${fields}`,
    async isDone() {
      try {
        const there = await collection.indexes()
        return there.some(({ key }) => JSON.stringify(key) === keys)
      } catch (error) {
        if (hasNoCollection(error)) return false
        throw error
      }
    },
    async portion() {
      await make(collection, [index])
      return { isDone: true, count: 1 }
    },
  }
}

async function make(
  collection: Pick<Collection, 'collectionName' | 'createIndexes'>,
  indexes: IndexDescription[],
): Promise<void> {
  for (const index of indexes) {
    try {
      await build(collection, index)
    } catch (error) {
      // The older service may have made the index by another name, which serves as well.
      if (existsUnderOtherName(error)) continue
      throw canNeverBeMade(error) ? refused(collection, index, error) : error
    }
  }
}

/**
 * A majority has to have built the index, as with every write. Without a commit quorum all voting members would have
 * to, and a start would wait for one that is away. A server that stands alone takes no commit quorum.
 */
async function build(collection: Pick<Collection, 'createIndexes'>, index: IndexDescription): Promise<void> {
  try {
    await collection.createIndexes([index], { commitQuorum: 'majority' })
  } catch (error) {
    if (!hasNoCommitQuorum(error)) throw error
    await collection.createIndexes([index])
  }
}

function refused(
  { collectionName }: { collectionName: string },
  { key }: IndexDescription,
  error: unknown,
): StartError {
  return new StartError(
    `MongoDB can't make the index ${JSON.stringify(key)} of ${collectionName}: ${sentence(error)} ` +
      `Mend what is in its way (db.${collectionName}.getIndexes() shows the indexes), then start again.`,
    { cause: error },
  )
}
