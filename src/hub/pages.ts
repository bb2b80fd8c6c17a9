import type { Cursor } from '../domain/cursor.ts'
import type { Store } from '../store/store.ts'
import type { Encode } from './encode.ts'
import { type LogEntry, readEvents } from './log.ts'
import type { PageTurns } from './page-turns.ts'

/** A page has so many bytes at most, unless a single event has more. A reader gets the next page when it has taken this one. */
const pageBytes = 256 * 1024
/** A page has so many entries at most. It is a power of two that is only halved, so pages begin at the same numbers for all readers. */
const mostEntries = 256
const fewestEntries = 16
/** A page is kept for so many milliseconds, for other readers that want the same one, and all pages for at most so many bytes. */
const keptMs = 2_000
const keptBytes = 16 * 1024 * 1024

/** A stretch of a group's log as it is told to whoever replays it, framed once. */
export interface Page {
  readonly packet: Buffer
  /** How many entries it has. */
  readonly size: number
  /** The position after the page. */
  readonly at: Cursor
  /** false when the log ended with this page at the time of the read. */
  readonly more: boolean
  /** The log was trimmed beyond the beginning of the page, so some of what happened since cannot be told any more. */
  readonly isTrimmed: boolean
}

/** Those who come back together want the same pages: each is read and framed once, and shared. */
export interface Pages {
  /**
   * The page that begins at `from`, in these words. `before` is the page that this reader had before it. With `isFresh` no kept page
   * is used, but the log is read now. Throws unavailable.
   */
  read(
    groupId: string,
    from: Cursor,
    encode: Encode,
    before: Page | undefined,
    isFresh: boolean,
  ): Promise<Page>
}

export interface PagesDeps {
  store: Store
  pageTurns: PageTurns
  /** Counts milliseconds and never goes back. */
  clock: () => number
}

interface Kept {
  readonly page: Promise<Page>
  readonly since: number
  /** 0 until the page has been read. */
  bytes: number
}

export function createPages({ store, pageTurns, clock }: PagesDeps): Pages {
  /** The kept pages by words, group and position, oldest first. */
  const kept = new Map<string, Kept>()
  /** A number for each API's words. */
  const words = new Map<Encode, number>()
  let bytes = 0
  let dropping: NodeJS.Timeout | undefined

  function drop(key: string, { bytes: freed }: Kept): void {
    kept.delete(key)
    bytes -= freed
  }

  function dropOld(): void {
    for (const [key, entry] of kept) {
      if (bytes <= keptBytes && clock() - entry.since < keptMs) return
      drop(key, entry)
    }
  }

  /** Pages are dropped by a timer as well, so that the text of a deleted message is kept no longer either. */
  function dropOldLater(): void {
    if (dropping) return
    dropping = setTimeout(() => {
      dropping = undefined
      dropOld()
      if (kept.size) dropOldLater()
    }, keptMs).unref()
  }

  async function readPage(groupId: string, from: Cursor, encode: Encode, limit: number): Promise<Page> {
    const { entries, at, more, isTrimmed } = await readEvents(store, groupId, from, limit)
    const { packet, count } = framed(entries, encode)
    const last = entries[count - 1]
    return last && count < entries.length
      ? { packet, size: count, at: last.at, more: true, isTrimmed }
      : { packet, size: count, at, more, isTrimmed }
  }

  return {
    read(groupId, from, encode, before, isFresh) {
      dropOld()
      if (!words.has(encode)) words.set(encode, words.size)
      const { seq, rev, replay } = from
      const key = `${words.get(encode)} ${groupId} ${seq} ${rev} ${replay?.seq} ${replay?.rev}`
      const found = kept.get(key)
      if (found && !isFresh) return found.page
      if (found) drop(key, found)
      const limit = before ? limitAfter(before) : mostEntries - (seq % mostEntries)
      const entry: Kept = {
        page: pageTurns.read(() => readPage(groupId, from, encode, limit)),
        since: clock(),
        bytes: 0,
      }
      kept.set(key, entry)
      dropOldLater()
      entry.page.then(
        ({ packet, more }) => {
          if (kept.get(key) !== entry) return
          // A page that ends with the log is outdated by the next entry.
          if (!more) return drop(key, entry)
          entry.bytes = packet.length
          bytes += packet.length
        },
        () => {
          if (kept.get(key) === entry) drop(key, entry)
        },
      )
      return entry.page
    },
  }
}

/** How many entries will about fill a page, going by the page before it. */
function limitAfter({ size, packet }: Page): number {
  const fitting = packet.length ? (size / packet.length) * pageBytes : mostEntries
  let limit = mostEntries
  while (limit > fewestEntries && limit > fitting) limit /= 2
  return limit
}

/** The frames of the first entries, as many as make a page, and how many entries those are. */
export function framed(entries: readonly LogEntry[], encode: Encode): { packet: Buffer; count: number } {
  const frames: Buffer[] = []
  let bytes = 0
  let count = 0
  for (const { event, at } of entries) {
    if (bytes >= pageBytes) break
    count++
    if (!event) continue
    const frame = encode(event, at)
    if (!frame) continue
    frames.push(frame)
    bytes += frame.length
  }
  return { packet: Buffer.concat(frames, bytes), count }
}
