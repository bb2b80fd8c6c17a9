import { describe, test } from 'node:test'
import fc from 'fast-check'
import { newId, t0 } from '../support/samples.ts'
import { accountCommands, accountLooks } from './model/accounts.ts'
import { auditLooks } from './model/audit.ts'
import { blockCommands, blockLooks } from './model/blocks.ts'
import { type Call, type Ids, type Model, same, users } from './model/command.ts'
import { erasureCommands } from './model/erasures.ts'
import { feedLooks } from './model/feed.ts'
import { fileCommands, fileLooks } from './model/files.ts'
import { groupCommands, groupLooks } from './model/groups.ts'
import { inviteCommands, inviteLooks } from './model/invites.ts'
import { logCommands, logLooks } from './model/log.ts'
import { memberCommands, memberLooks } from './model/members.ts'
import { mentionLooks } from './model/mentions.ts'
import { messageCommands, messageLooks } from './model/messages.ts'
import { pinCommands, pinLooks } from './model/pins.ts'
import { preferenceCommands, preferenceLooks } from './model/preferences.ts'
import { profileCommands, profileLooks } from './model/profiles.ts'
import { reactionCommands, reactionLooks } from './model/reactions.ts'
import { readCommands, readLooks } from './model/reads.ts'
import { retentionCommands } from './model/retention.ts'
import { revisionLooks } from './model/revisions.ts'
import { searchLooks } from './model/search.ts'
import { createReferenceStore, type ReferenceStore } from './reference/store.ts'
import type { OpenedStore } from './store.ts'

/**
 * Runs random commands on the store and on the reference store. Both have to give the same answers and the same errors,
 * and have the same contents after a restart. There are `runs` sequences of commands; FAST_CHECK_SEED repeats those of
 * a failure.
 */
export function storeModel(name: string, open: () => Promise<OpenedStore>, runs = 40): void {
  describe(`${name} equals the reference store`, () => {
    test('whatever is done, in any order', async () => {
      const opened = await open()
      let { store } = opened
      const commands = [
        ...accountCommands,
        ...groupCommands,
        ...memberCommands,
        ...messageCommands,
        ...reactionCommands,
        ...pinCommands,
        ...readCommands,
        ...fileCommands,
        ...inviteCommands,
        ...preferenceCommands,
        ...profileCommands,
        ...erasureCommands,
        ...blockCommands,
        ...retentionCommands,
        ...logCommands,
      ]
      const sequences = fc.commands(commands, { maxCommands: 80, size: 'max' })
      let begun = 0
      const property = fc.asyncProperty(sequences, async (sequence) => {
        const model = newModel()
        // The background of a store that was just opened gives members their stubs at a time of its own.
        if (begun++ < namedBefore) await same(model, store, ({ profiles }, ids) => nameAll(profiles, ids))
        await fc.asyncModelRun(() => ({ model, real: store }), sequence)
        store = await opened.reopen()
        await sameContents(model, store)
      })
      const seed = process.env.FAST_CHECK_SEED
      try {
        await fc.assert(property, {
          numRuns: runs,
          // Else a sequence that fails is made smaller until the test's own time is over, and nobody learns of it.
          interruptAfterTimeLimit: mostMs,
          markInterruptAsFailure: true,
          ...(seed === undefined ? {} : { seed: Number(seed) }),
        })
      } finally {
        await opened.close()
      }
    })
  })
}

/** Less than a test may take. */
const mostMs = 150_000

/** So many sequences are over before the background of a new store is. */
const namedBefore = 5

const nameAll = async (profiles: ReferenceStore['profiles'], ids: Ids): Promise<void> =>
  void (await profiles.name(users.map(ids.user), t0))

/** Models that share a store share its reference too, because some commands are about all groups. */
export const newModel = (reference = createReferenceStore()): Model => ({
  reference,
  ids: newIds(),
  made: new Set<number>(),
})

/** Compares what can be read in the end: everything, unless `look` says less. */
export async function sameContents(model: Model, store: ReferenceStore, look = looks): Promise<void> {
  for (const each of look(model.ids)) await same(model, store, each)
}

const looks = (ids: Ids): Call[] => [
  ...accountLooks(ids),
  ...groupLooks(ids),
  ...memberLooks(ids),
  ...messageLooks(ids),
  ...mentionLooks(ids),
  ...revisionLooks(ids),
  ...reactionLooks(ids),
  ...pinLooks(ids),
  ...readLooks(ids),
  ...fileLooks(ids),
  ...inviteLooks(ids),
  ...preferenceLooks(ids),
  ...auditLooks(ids),
  ...profileLooks(ids),
  ...blockLooks(ids),
  ...logLooks(ids),
  ...feedLooks(ids),
  ...searchLooks(ids),
]

const newIds = (): Ids => {
  const run = newId()
  return {
    groups: [newId(), newId(), newId()],
    messages: Array.from({ length: 9 }, newId),
    files: Array.from({ length: 9 }, newId),
    user: (n) => `${run}-${n}`,
  }
}
