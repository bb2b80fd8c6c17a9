import type { Chat, ChatEvent, HistoryOptions, Message, MessagePage } from '../../../src/client/types.ts'
import { changedBy } from './changed.ts'
import { createListening } from './listening.ts'
import { ownReactions, type Reacted } from './reactions.ts'
import { createWindow } from './window.ts'
import { createWishes } from './wishes.ts'

/** The loaded messages of a group: pages that were fetched, and what was told since. */
export interface History {
  readonly groupId: string
  readonly messages: readonly Message[]
  readonly isLoading: boolean
  readonly isStart: boolean
  readonly isEnd: boolean
  /** Something was loaded. */
  readonly hasPage: boolean
  get(id: string): Message | undefined
  /** The keys of the user's own messages that were here, so that none is shown as on its way any more. */
  readonly ownKeys: ReadonlySet<string>
  loadNewest(): Promise<void>
  loadAround(seq: number): Promise<void>
  loadOlder(): Promise<void>
  loadNewer(): Promise<void>
  /** Takes an event of this group, or an answer in the form of one. */
  receive(event: ChatEvent): void
  /** Shows at once what is wished. `settle` ends it: with the answer, or with null, as it was. */
  wish(messageId: string, emoji: string, isWished: boolean): { settle(answer: Reacted | null): void }
  /** Where the user is: what is far from there is let go of when there is too much. */
  follow(isAtEnd: boolean): void
  /** Hears the group from where its page was read, if that was before there was a connection. */
  listen(): Promise<void>
  /** It is shown by this conversation now. */
  attend(watcher: Watcher): void
  /** It is not shown any more. False: it is of no use to who shows it again. */
  rest(): boolean
}

interface Watcher {
  onChange(): void
  report(error: unknown): void
}

const firstPage = 50
const furtherPage = 100
const aroundPage = 25
/** With more messages than this, a part of them is let go of: a page that stays open for days must not grow. */
const shown = { most: 12_000, kept: 10_000 }
const resting = { most: 200, kept: 100 }
const nobody: Watcher = { onChange: () => undefined, report: () => undefined }

export function createHistory(chat: Chat, groupId: string, ownId: string): History {
  const listening = createListening(chat, groupId)
  const loaded = createWindow()
  const ownKeys = new Set<string>()
  const wishes = createWishes(ownId)
  let isStart = false
  let isEnd = false
  let hasPage = false
  let watcher = nobody
  let limits = shown
  let isFollowing = true
  /** The load that is under way, and what was told since it began: its page may be older than that. */
  let current: { heard: ChatEvent[] } | undefined

  const known = (id: string): Message | undefined => wishes.plain(id) ?? loaded.get(id)

  /** What is told to all says nothing of what is the reader's own. */
  function withOwn(message: Message): Message {
    if (message.my_reactions) return message
    const before = known(message.id)?.my_reactions ?? []
    return { ...message, my_reactions: ownReactions(message.reactions, before, [], ownId) }
  }

  function note(messages: readonly Message[]): void {
    for (const { client_id, sender_id } of messages)
      if (client_id !== undefined && sender_id === ownId) ownKeys.add(client_id)
  }

  /** Those between the ends have their place; behind the last one they do where nothing is missing between. */
  function hasPlace(seq: number): boolean {
    const { first, last } = loaded
    if (first === undefined || last === undefined) return isStart && isEnd
    return (seq >= first || isStart) && (seq <= last || isEnd)
  }

  function put(message: Message): void {
    note([message])
    if (hasPlace(message.seq)) loaded.put(wishes.on(withOwn(message)))
  }

  function change(id: string, next: (message: Message) => Message): void {
    const message = known(id)
    if (message) loaded.put(wishes.on(next(message)))
  }

  function apply(event: ChatEvent): void {
    const { type, message_id: id } = event
    if (type === 'new_message' || type === 'message_updated') put(event.message)
    else if (type === 'messages_erased') {
      const ids = new Set<string>(event.message_ids)
      loaded.drop((message) => ids.has(message.id))
    } else if (type === 'history_cleared') {
      isStart ||= event.up_to_seq >= (loaded.first ?? 0) - 1
      loaded.drop(({ seq }) => seq <= event.up_to_seq)
    } else if (id) change(id, (message) => changedBy(event, message, ownId))
  }

  /** `reply_count` is told by the answers alone. */
  function countReplies({ type, message, message_id }: ChatEvent): void {
    const answer: Message | undefined = type === 'new_message' ? message : known(message_id)
    const by = type === 'new_message' ? 1 : type === 'message_deleted' && !answer?.is_deleted ? -1 : 0
    if (by && answer?.reply_to)
      change(answer.reply_to, (each) => ({ ...each, reply_count: Math.max(0, each.reply_count + by) }))
  }

  /** One at a time; one that begins anew goes before one that goes on. */
  async function load(
    fetch: () => Promise<MessagePage[]>,
    merge: (pages: MessagePage[]) => void,
  ): Promise<void> {
    const mine = { heard: [] }
    current = mine
    const { isHeard } = listening
    watcher.onChange()
    try {
      const pages = await fetch()
      if (current !== mine) return
      merge(pages)
      hasPage = true
      if (!isHeard) listening.from(pages[0]?.cursor)
      for (const event of mine.heard) apply(event)
      trim()
    } catch (error) {
      if (current === mine) watcher.report(error)
    } finally {
      if (current === mine) {
        current = undefined
        watcher.onChange()
        void listen()
      }
    }
  }

  const listen = (): Promise<void> => listening.listen().catch(watcher.report)

  const page = (options: HistoryOptions): Promise<MessagePage> => chat.group(groupId).history(options)

  function begin(messages: readonly Message[]): void {
    note(messages)
    wishes.clear()
    loaded.replace(messages)
  }

  function join(messages: readonly Message[]): void {
    note(messages)
    loaded.putAll(messages)
  }

  const loadNewest = (): Promise<void> =>
    load(
      async () => [await page({ limit: firstPage })],
      ([newest]) => {
        begin(messagesOf(newest))
        isStart = !newest?.has_more
        isEnd = true
        isFollowing = true
      },
    )

  function trim(): void {
    const { messages } = loaded
    const { most, kept } = limits
    if (messages.length <= most) return
    const cut = isFollowing ? messages[messages.length - kept] : messages[kept]
    const edge = cut?.seq ?? 0
    if (isFollowing) {
      loaded.drop(({ seq }) => seq < edge)
      isStart = false
    } else {
      loaded.drop(({ seq }) => seq >= edge)
      isEnd = false
    }
  }

  return {
    groupId,
    get messages() {
      return loaded.messages
    },
    get isLoading() {
      return current !== undefined
    },
    get isStart() {
      return isStart
    },
    get isEnd() {
      return isEnd
    },
    get hasPage() {
      return hasPage
    },
    get: known,
    ownKeys,

    loadNewest,

    loadAround: (seq) =>
      load(
        () =>
          Promise.all([
            page({ before: seq, limit: aroundPage }),
            page({ after: Math.max(0, seq - 1), limit: aroundPage }),
          ]),
        ([before, after]) => {
          begin([...messagesOf(before), ...messagesOf(after)])
          isStart = !before?.has_more
          isEnd = !after?.has_more
          isFollowing = isEnd
        },
      ),

    async loadOlder() {
      const { first } = loaded
      if (current || isStart || !hasPage) return
      // All that was loaded may have been erased since.
      if (first === undefined) return loadNewest()
      isFollowing = false
      await load(
        async () => [await page({ before: first, limit: furtherPage })],
        ([older]) => {
          join(messagesOf(older))
          isStart = !older?.has_more
        },
      )
    },

    async loadNewer() {
      const { last } = loaded
      if (current || isEnd || last === undefined) return
      isFollowing = true
      await load(
        async () => [await page({ after: last, limit: furtherPage })],
        ([newer]) => {
          join(messagesOf(newer))
          isEnd = !newer?.has_more
        },
      )
    },

    receive(event) {
      current?.heard.push(event)
      countReplies(event)
      if (event.type === 'reactions') wishes.told(event.message_id)
      apply(event)
      if (event.type === 'new_message') trim()
      watcher.onChange()
    },

    wish(messageId, emoji, isWished) {
      const message = known(messageId)
      if (!message) return { settle: () => undefined }
      const wish = wishes.wish(message, emoji, isWished)
      change(messageId, (each) => each)
      watcher.onChange()
      return {
        settle(answer) {
          const after = wish.settle(answer)
          if (after) loaded.put(wishes.on(after))
          watcher.onChange()
        },
      }
    },

    listen,

    follow(isAtEnd) {
      isFollowing = isAtEnd
    },

    attend(by) {
      watcher = by
      limits = shown
    },

    rest() {
      watcher = nobody
      limits = resting
      isFollowing = true
      if (current || !hasPage || !isEnd || listening.isDue) return false
      trim()
      return true
    },
  }
}

/** Every page is told with its newest message first. */
const messagesOf = (page: MessagePage | undefined): Message[] => page?.messages.toReversed() ?? []
