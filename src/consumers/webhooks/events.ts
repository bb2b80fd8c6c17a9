import { formatCursor } from '../../domain/cursor.ts'
import type { GroupEvent } from '../../domain/events.ts'
import { entryLetterId, type Letter, type LetterEntry } from '../../domain/letter.ts'
import type { Message } from '../../domain/message.ts'
import type { LogEntry } from '../../hub/log.ts'

/** An API's words for what is told. */
export interface WebhookWords {
  event(event: GroupEvent): object | null
  mention(groupId: string, message: Message): object | null
}

/** One event to be told of an entry. */
export interface Telling {
  /** What is kept of it if it is refused. */
  readonly letter: Letter
  data(): Promise<object>
}

interface Deps {
  /** The types that are told. */
  types: ReadonlySet<string>
  words: WebhookWords
  epoch(): string
  /** The members who are not connected, but for the sender. */
  offline(message: Message): Promise<readonly string[]>
}

/** What there is to tell of an entry, in order. The same entry has the same ids whenever it is read. */
export type TellingsOf = (groupId: string, entry: LogEntry) => Telling[]

export function createTellings({ types, words, epoch, offline }: Deps): TellingsOf {
  return (groupId, { log, at, time, event }) => {
    // A message that was deleted before it was told is told nowhere; the entry of its deletion tells that.
    if (!event || (log === 'messages' && event.type !== 'new_message')) return []
    const entry: LetterEntry = { log, seq: at.seq, rev: at.rev }
    const telling = (type: string, data: Telling['data'], nth = 0): Telling[] => {
      if (!types.has(type)) return []
      const id = entryLetterId(type, groupId, entry, epoch())
      const never = { attempts: 0, since: null, failure: null }
      return [{ letter: { id, groupId, type, entry, at: time, nth, ...never, dueAt: time }, data }]
    }
    const told = async () => ({ ...words.event(event), cursor: formatCursor(epoch(), at) })
    if (event.type !== 'new_message') return telling(event.type, told)
    const { message } = event
    const called = message.mentionAll || message.mentions.length > 0
    const mention = called ? words.mention(groupId, message) : null
    return [
      ...telling('new_message', async () => ({
        ...(await told()),
        offline_user_ids: await offline(message),
      })),
      ...(mention ? telling('mention', async () => mention, 1) : []),
    ]
  }
}
