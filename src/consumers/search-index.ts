import type { Change } from '../domain/change.ts'
import type { Position } from '../domain/cursor.ts'
import type { Store } from '../store/store.ts'
import { type Consumer, type ConsumerDeps, createConsumer } from './consumer.ts'

/** The name of its lease, its cursor and its positions. */
export const searchConsumer = 'search'

/** Entries of a log that are read at once, and of what they are about that which is put at once. */
const perRead = 500
const perPut = 100

type IndexedStore = Pick<Store, 'feed' | 'lease' | 'log' | 'search'>

/** Keeps the index of all messages' words: what is there first, where there is no index yet, then what happens. */
export function startSearchIndex(
  deps: { store: IndexedStore } & Pick<ConsumerDeps, 'clock' | 'log'>,
): Consumer {
  return createConsumer({ ...deps, name: searchConsumer, take: createIndexing(deps.store).some })
}

/**
 * Builds the index anew, also while services run: they see to what is written meanwhile. `onProgress` is told after each group how many
 * groups and messages were dealt with.
 */
export async function rebuildSearchIndex(
  store: IndexedStore,
  onProgress: (groups: number, messages: number) => void,
): Promise<void> {
  const index = createIndexing(store)
  // If this ends half-way, the service that starts next finds that nothing was dealt with.
  await store.feed.forget(searchConsumer)
  await store.search.clear()
  let groups = 0
  let messages = 0
  for (let cursor: string | null = null; ; ) {
    const page = await store.feed.read(cursor, perRead)
    for (const { groupId, head } of page.moved) {
      await index.between(groupId, 0, head.seq)
      messages += head.seq
      onProgress(++groups, messages)
    }
    await store.feed.reach(searchConsumer, new Map(page.moved.map(({ groupId, head }) => [groupId, head])))
    cursor = page.next
    if (page.hasMore) continue
    await store.feed.save(searchConsumer, cursor)
    return
  }
}

function createIndexing({ log, search }: IndexedStore) {
  /** One step is done at a time, however many groups wait, so that who sends is held up by one alone. */
  let last: Promise<unknown> = Promise.resolve()

  async function put(ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += perPut) {
      const step = last.then(() => search.put(ids.slice(at, at + perPut)))
      last = step.catch(() => undefined)
      await step
    }
  }

  /** Deals with the messages after a seq up to another, as they are now. Resolves to false when it may not go on. */
  async function between(
    groupId: string,
    after: number,
    seq: number,
    mayGoOn: () => boolean = () => true,
  ): Promise<boolean> {
    for (let at = after; at < seq; ) {
      if (!mayGoOn()) return false
      const { messages } = await log.read(groupId, { seq: at, rev: Number.MAX_SAFE_INTEGER }, perRead)
      await put(messages.map(({ id }) => id))
      at = messages.at(-1)?.seq ?? seq
    }
    return true
  }

  return {
    between,

    /** Deals with some of what happened after a position, and resolves to the position after that; to `from` when it may not go on. */
    async some(groupId: string, from: Position, mayGoOn: () => boolean): Promise<Position> {
      const { messages, changes } = await log.read(groupId, from, perRead)
      await put([...new Set([...messages.map(({ id }) => id), ...changes.flatMap(changedMessages)])])
      const [first] = changes
      // It is not known any more which messages were edited in the meantime.
      const isTrimmed = from.seq > 0 && first !== undefined && first.rev > from.rev + 1
      if (isTrimmed && !(await between(groupId, 0, from.seq, mayGoOn))) return from
      for (const { type, data } of changes) {
        if (type !== 'history_cleared') continue
        const isDone = await between(groupId, Number(data.after_seq), Number(data.up_to_seq), mayGoOn)
        if (!isDone) return from
      }
      return { seq: messages.at(-1)?.seq ?? from.seq, rev: changes.at(-1)?.rev ?? from.rev }
    },
  }
}

/** The messages whose words may be others after a change. */
const changedMessages = ({ type, messageId, data }: Change): string[] => {
  if (type === 'messages_erased') return data.message_ids as string[]
  return messageId !== undefined && (type === 'message_updated' || type === 'message_deleted')
    ? [messageId]
    : []
}
