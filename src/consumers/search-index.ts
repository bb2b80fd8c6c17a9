import type { Change } from '../domain/change.ts'
import type { Position } from '../domain/cursor.ts'
import type { Store } from '../store/store.ts'
import { type Consumer, type ConsumerDeps, createConsumer } from './consumer.ts'

/** The name of its lease, its cursor and its positions. */
const name = 'search'

/** Entries of a log that are read at once, and of what they are about that which is put at once. */
const perRead = 500
const perPut = 100

type IndexedStore = Pick<Store, 'feed' | 'lease' | 'log' | 'search'>

/** Keeps the index of all messages' words: what is there first, where there is no index yet, then what happens. */
export function startSearchIndex(
  deps: { store: IndexedStore } & Pick<ConsumerDeps, 'clock' | 'log'>,
): Consumer {
  const { store } = deps
  const index = createIndexing(store)
  return createConsumer({
    ...deps,
    name,
    async take(groupId, from) {
      const { at, isTrimmed } = await index.some(groupId, from)
      // It is not known any more which messages were edited in the meantime.
      if (isTrimmed) await index.upTo(groupId, from.seq)
      return at
    },
  })
}

/**
 * Builds the index anew. What goes on meanwhile is left to the services that run; where none does, the next to start goes on from here.
 * `onProgress` is told the groups and messages dealt with so far.
 */
export async function rebuildSearchIndex(
  store: IndexedStore,
  onProgress: (groups: number, messages: number) => void,
): Promise<void> {
  const index = createIndexing(store)
  // If this ends in between, the next service to start finds that nothing was dealt with.
  await store.feed.forget(name)
  await store.search.clear()
  const done = { groups: 0, messages: 0 }
  for (let cursor: string | null = null; ; ) {
    const page = await store.feed.read(cursor, perRead)
    for (const { groupId, head } of page.moved) {
      await index.upTo(groupId, head.seq)
      done.groups++
      done.messages += head.seq
      onProgress(done.groups, done.messages)
    }
    await store.feed.reach(name, new Map(page.moved.map(({ groupId, head }) => [groupId, head])))
    cursor = page.next
    if (!page.hasMore) break
  }
}

function createIndexing({ log, search }: IndexedStore) {
  /** One step is done at a time, however many groups wait: it shall not hold up who sends. */
  let last: Promise<unknown> = Promise.resolve()

  async function put(ids: readonly string[]): Promise<void> {
    for (let at = 0; at < ids.length; at += perPut) {
      const step = last.then(() => search.put(ids.slice(at, at + perPut)))
      last = step.catch(() => undefined)
      await step
    }
  }

  /** Deals with some of what happened after a position, and resolves to the one after that. */
  async function some(groupId: string, from: Position): Promise<{ at: Position; isTrimmed: boolean }> {
    const { messages, changes } = await log.read(groupId, from, perRead)
    await put([...new Set([...messages.map(({ id }) => id), ...changes.flatMap(changedWords)])])
    for (const { type, data } of changes)
      if (type === 'history_cleared') await between(groupId, Number(data.after_seq), Number(data.up_to_seq))
    return {
      at: { seq: messages.at(-1)?.seq ?? from.seq, rev: changes.at(-1)?.rev ?? from.rev },
      isTrimmed: from.rev > 0 && changes[0] !== undefined && changes[0].rev > from.rev + 1,
    }
  }

  /** Deals with the messages after a seq up to another, as they are. */
  async function between(groupId: string, after: number, seq: number): Promise<void> {
    for (let at = after; at < seq; ) {
      const { messages } = await log.read(groupId, { seq: at, rev: Number.MAX_SAFE_INTEGER }, perRead)
      await put(messages.map(({ id }) => id))
      const end = messages.at(-1)
      if (!end) return
      at = end.seq
    }
  }

  return { some, upTo: (groupId: string, seq: number) => between(groupId, 0, seq) }
}

/** The message whose words a change changed. */
const changedWords = ({ type, messageId }: Change): string[] =>
  messageId !== undefined && (type === 'message_updated' || type === 'message_deleted') ? [messageId] : []
