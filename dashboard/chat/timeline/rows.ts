import type { Message, PendingSend } from '../../../src/client/types.ts'
import type { Notice, Timeline } from '../model/types.ts'
import { nameOfDay, startOfDay } from './days.ts'

/** What stands between two others in the log, each as high as it is: a message, one that waits, or a line of its own. */
export interface Row {
  readonly kind: 'message' | 'day' | 'notice' | 'unread'
  /** null while the message waits. */
  message: Message | null
  pending: PendingSend | null
  /** Of a line. */
  text: string
  /** Milliseconds since 1970. */
  readonly at: number
  readonly day: number
  /** Its sender did not write the message before, or not just before: the name stands over it. */
  startsGroup: boolean
  /** Its place among the rows. */
  index: number
  /** Raised by each change of what it shows. */
  version: number
  /** Pixels; estimated until it is measured. */
  height: number
}

export interface Rows {
  /** In order. A message keeps its row as long as it is loaded, also when it was one that waits. */
  readonly list: readonly Row[]
  of(messageId: string): Row | undefined
  /** Returns the ids of messages that were there and are not as they were. */
  update(timeline: Timeline, around: Around): Set<string>
}

/** About so high are lines, and messages, before they are measured: the bar at the side says about where one is. */
const lineHeights = { day: 38, unread: 38, notice: 28, message: 24 }
const textLine = 22
const foldedLines = 15
const nameHeight = 30
const fileHeight = 60

/** Messages of one sender in so short a time stand under one name. */
const groupMs = 5 * 60_000

export interface Around {
  /** Whose messages those are that wait. */
  readonly ownId: string
  readonly now: number
  /** About so many letters are in a line. */
  readonly columns: number
}

export function createRows(): Rows {
  let list: Row[] = []
  let shown: Timeline['messages'] = []
  /** The rows of those. */
  let shownRows: Row[] = []
  let today = 0
  let columns = 90
  const dayNames = new Map<number, string>()
  const byId = new Map<string, Row>()
  const waiting = new Map<string, Row>()
  const lines = new Map<string, Row>()

  const line = (kind: 'day' | 'notice' | 'unread', id: number, text: string, at: number): Row => {
    const key = `${kind} ${id}`
    const row = lines.get(key) ?? newRow(kind, at, lineHeights[kind])
    lines.set(key, row)
    if (row.text !== text) row.version++
    row.text = text
    return row
  }

  function nameOf(day: number, now: number): string {
    const name = dayNames.get(day) ?? nameOfDay(day, now)
    dayNames.set(day, name)
    return name
  }

  function rowOf(message: Message, changed: Set<string>): Row {
    const known = byId.get(message.id)
    if (known?.message === message) return known
    // What was sent from here goes on in the row in which it waited.
    const row =
      known ??
      waiting.get(message.client_id ?? '') ??
      newRow('message', Date.parse(message.created_at), heightOf(message, columns))
    if (known) changed.add(message.id)
    waiting.delete(message.client_id ?? '')
    byId.set(message.id, row)
    row.message = message
    row.pending = null
    row.version++
    return row
  }

  return {
    get list() {
      return list
    },
    of: (messageId) => byId.get(messageId),

    update(timeline, { ownId, now, columns: wide }) {
      columns = wide
      const changed = new Set<string>()
      const next: Row[] = []
      const messageRows: Row[] = []
      if (startOfDay(now) !== today) dayNames.clear()
      today = startOfDay(now)
      let before: Row | null = null
      let day = 0
      const senderOf = (row: Row): string => row.message?.sender_id ?? ownId
      const place = (row: Row): void => {
        row.index = next.length
        next.push(row)
      }
      const placeLine = (row: Row): void => {
        before = null
        place(row)
      }
      const placeDay = (row: Row): void => {
        // A clock that is behind makes no second line of a day.
        if (row.day <= day) return
        day = row.day
        placeLine(line('day', day, nameOf(day, now), day))
      }
      const placeMessage = (row: Row, isAnswer: boolean): void => {
        placeDay(row)
        const starts: boolean =
          !before || isAnswer || senderOf(before) !== senderOf(row) || row.at - before.at > groupMs
        // A name that stands there stays: what is read does not change by what comes in front of it.
        if (starts && !row.startsGroup) {
          row.startsGroup = true
          row.height += nameHeight
          row.version++
        }
        place(row)
        before = row
      }

      const notices = noticesOf(timeline)
      const placeNotice = (notice: Notice | undefined): void => {
        if (!notice) return
        const row = line('notice', notice.id, notice.text, notice.at)
        placeDay(row)
        placeLine(row)
      }
      let isUnread = false
      for (const message of timeline.messages) {
        while (notices.length > 0 && (notices[0]?.afterSeq ?? 0) < message.seq) placeNotice(notices.shift())
        // Most of them are where they were.
        const at = messageRows.length
        const row = shown[at] === message ? (shownRows[at] as Row) : rowOf(message, changed)
        messageRows.push(row)
        if (!isUnread && timeline.unreadFrom !== null && message.seq >= timeline.unreadFrom) {
          isUnread = true
          placeDay(row)
          placeLine(line('unread', timeline.unreadFrom, 'New', row.at))
        }
        placeMessage(row, message.reply_to !== null)
      }
      for (const notice of notices) placeNotice(notice)

      const pending = new Set<string>()
      // Without a connection none may be loaded, and what waits is all that there is to see.
      const hasEnd = timeline.isEnd || timeline.messages.length === 0
      for (const send of hasEnd ? timeline.pending : []) {
        pending.add(send.clientId)
        const row = waiting.get(send.clientId) ?? newRow('message', send.queuedAt, heightOf(send, columns))
        waiting.set(send.clientId, row)
        if (row.pending !== send) row.version++
        row.pending = send
        placeMessage(row, send.options.replyTo !== undefined)
      }
      for (const clientId of waiting.keys()) if (!pending.has(clientId)) waiting.delete(clientId)
      forget(timeline, next)
      list = next
      shown = timeline.messages
      shownRows = messageRows
      return changed
    },
  }

  /** Rows of what is not loaded any more are let go of. */
  function forget(timeline: Timeline, next: readonly Row[]): void {
    const isPlaced = (row: Row): boolean => next[row.index] === row
    if (shown !== timeline.messages && byId.size > timeline.messages.length)
      for (const [id, row] of byId) if (!isPlaced(row)) byId.delete(id)
    for (const [key, row] of lines) if (!isPlaced(row)) lines.delete(key)
  }
}

/** Those that stand behind a message that is loaded, or before the first one of all. */
function noticesOf({ notices, messages, isStart, isEnd }: Timeline): Notice[] {
  const first = isStart ? 0 : (messages[0]?.seq ?? 0)
  const last = isEnd ? Number.POSITIVE_INFINITY : (messages.at(-1)?.seq ?? 0)
  return notices.filter(({ afterSeq }) => afterSeq >= first && afterSeq < last)
}

const newRow = (kind: Row['kind'], at: number, height: number): Row => ({
  kind,
  message: null,
  pending: null,
  text: '',
  at,
  day: startOfDay(at),
  startsGroup: false,
  index: 0,
  version: 0,
  height,
})

function heightOf({ content, ...rest }: Message | PendingSend, columns: number): number {
  const wrapped = Math.ceil(content.length / columns)
  const breaks = content.split('\n').length - 1
  const files = 'attachments' in rest ? rest.attachments : []
  return (
    lineHeights.message +
    Math.min(foldedLines, Math.max(0, wrapped + breaks - 1)) * textLine +
    files.length * fileHeight
  )
}
