import type { ChangeStreamDocument, Collection, Document, Timestamp } from 'mongodb'
import type { Change } from '../../../domain/change.ts'
import type { Message } from '../../../domain/message.ts'
import { isNumbered, toChange, toMessage } from '../documents.ts'
import type { Connection } from '../engine/connect.ts'
import type { SignalDoc } from '../own-documents.ts'
import { createTail, type Tail } from './tail.ts'

/** We never replace a group's document. One replaced by hand may lack our fields, or have old ones again. */
export type GroupEvent = 'changed' | 'replaced' | 'deleted'
const groupEvents: { [operation: string]: GroupEvent } = { replace: 'replaced', delete: 'deleted' }

/** Hears what the four streams bring. */
export interface StreamEvents {
  message(message: Message): void
  /** The older service wrote a message, or somebody by hand. */
  unnumbered(groupId: string): void
  /** Somebody replaced a message by hand, with a document of this `ver`. */
  replaced(messageId: string, ver: number | undefined): void
  change(change: Change): void
  /** Something happened to a group; when the id is undefined, to any number of groups. */
  group(id: string | undefined, happened: GroupEvent): void
  signal(doc: SignalDoc): void
  /** Something happened at this time. It is told before what it was. */
  happened(at: Timestamp | undefined): void
  /** Messages or changes may have been missed. */
  lost(): void
  /** The server has no change streams. */
  missing(error: unknown): void
  error(stream: string, error: unknown): void
}

export interface Streams {
  /** When the stream of groups last proved that it missed nothing, by performance.now(). */
  readonly groupsProvedAt: number
  /** The same of the stream of messages. */
  readonly messagesProvedAt: number
  /** The same of the stream that is furthest behind. */
  readonly provedAt: number
  stop(): Promise<void>
}

/**
 * The streams of inserted messages, changes and signals, of replaced messages, and of all that happens to groups. The server
 * never has to look up a full document for them.
 */
export function openStreams(connection: Connection, events: StreamEvents): Streams {
  const follow = <Doc extends Document>(
    collection: Collection<Doc>,
    onInsert: (doc: Doc) => void,
    onLost: () => void,
    onReplace?: (doc: Doc) => void,
  ): Tail =>
    createTail({
      collection,
      operations: onReplace ? ['insert', 'replace'] : ['insert'],
      onEvent(event) {
        events.happened(timeOf(event))
        if (event.operationType === 'insert') onInsert(event.fullDocument)
        if (event.operationType === 'replace') onReplace?.(event.fullDocument)
      },
      onLost,
      ...common(collection.collectionName),
    })
  const common = (name: string) => ({
    onError: (error: unknown) => events.error(name, error),
    onMissing: events.missing,
  })

  const groups = createTail({
    collection: connection.groups,
    operations: ['insert', 'update', 'replace', 'delete'],
    onEvent(event) {
      events.happened(timeOf(event))
      const key = 'documentKey' in event ? event.documentKey : undefined
      const id = key?._id === undefined ? undefined : String(key._id)
      events.group(id, groupEvents[event.operationType] ?? 'changed')
    },
    // No log tells who was removed by hand, or that a group was deleted, so all groups are looked at.
    onLost: () => events.group(undefined, 'changed'),
    ...common('groups'),
  })
  const messages = follow(
    connection.messages,
    (doc) => {
      if (isNumbered(doc)) events.message(toMessage(doc))
      else if (typeof doc.group_id === 'string') events.unnumbered(doc.group_id)
    },
    events.lost,
    (doc) => {
      if (isNumbered(doc)) events.replaced(String(doc._id), doc.ver)
      else if (typeof doc.group_id === 'string') events.unnumbered(doc.group_id)
    },
  )
  const tails = [
    groups,
    messages,
    follow(connection.changes, (doc) => events.change(toChange(doc)), events.lost),
    // Signals are numbered, and whoever misses one asks for all.
    follow(connection.signals, events.signal, () => undefined),
  ]
  connection.onBroken(() => {
    for (const tail of tails) tail.suspect()
  })

  return {
    get groupsProvedAt() {
      return groups.provedAt
    },
    get messagesProvedAt() {
      return messages.provedAt
    },
    get provedAt() {
      return Math.min(...tails.map((tail) => tail.provedAt))
    },
    async stop() {
      await Promise.all(tails.map((tail) => tail.stop()))
    },
  }
}

/** When the event happened. The stand-in has no clock that tells. */
const timeOf = (event: ChangeStreamDocument): Timestamp | undefined =>
  'clusterTime' in event ? event.clusterTime : undefined
