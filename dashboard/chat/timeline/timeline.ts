import { element, setText } from '../../parts/elements.ts'
import type { ChatModel, Conversation } from '../model/types.ts'
import { createArticle, createLine } from './article.ts'
import { startOfDay } from './days.ts'
import { createJump } from './jump.ts'
import { createKeyboard } from './keyboard.ts'
import { createLinks } from './links.ts'
import { createLoading } from './loading.ts'
import { createNames } from './names.ts'
import { createNearness } from './nearness.ts'
import { createPointer } from './pointer.ts'
import { createQuotes } from './quotes.ts'
import { createRows, type Row } from './rows.ts'
import type { Scene } from './scene.ts'
import { createSeeing } from './seeing.ts'
import { lastOwn, seenByWords } from './seen-by.ts'
import { createToolbar } from './toolbar.ts'
import { createWindow, type View } from './window.ts'

export interface TimelineDeps {
  readonly model: ChatModel
  readonly conversation: Conversation
}

const highlightMs = 2_500
/** About so wide is a letter. */
const letterPx = 7.8

/** The messages of a conversation: what is loaded may be long, what is in the document is what is near to be seen. */
export function createTimeline({ model, conversation }: TimelineDeps, signal: AbortSignal): HTMLElement {
  const rows = createRows()
  const names = createNames({ model, conversation })
  const kept = new Map<Row, View>()
  const older = element('button', { type: 'button', class: 'older' }, 'Load older messages')
  const beginning = element('p', { class: 'beginning' })
  const head = element('div', { class: 'head' }, older, beginning)
  const content = element('div', { class: 'rows' })
  const log = element('div', { role: 'log', 'aria-label': 'Messages', class: 'log', tabindex: 0 }, content)
  const jump = createJump(jumpToNewest)
  const timeline = element('div', { class: 'timeline' }, log, jump.element)

  /** The newest message that was there while the end was seen: later ones are counted. */
  let newestSeq = 0
  let isPlaced = false
  let isUnreadShown = false
  let target: Conversation['target']['value'] = null
  /** It was jumped to, and is lighted for a moment. */
  let found: Row | null = null
  let foundTimer: ReturnType<typeof setTimeout> | undefined
  let lastSent: string | undefined
  let seenBy: { row: Row | undefined; words: string } = { row: undefined, words: '' }

  const touch = (row: Row): void => {
    row.version++
    rowWindow.schedule()
  }

  const scene: Scene = {
    model,
    conversation,
    links: createLinks(model.chat.files, Date.now),
    quotes: createQuotes({
      messages: model.chat.messages,
      loaded: (id) => rows.of(id)?.message ?? undefined,
      onKnown: (id) =>
        touchWhere(({ message, pending }) => (message?.reply_to ?? pending?.options.replyTo) === id),
    }),
    findMention: names.findMention,
    nameOf: names.nameOf,
    ownId: () => model.me.value?.id ?? '',
    seenBy: (row) => (row === seenBy.row ? seenBy.words : ''),
    isFound: (row) => row === found,
    touch,
    whenNear: createNearness(log, signal),
  }

  const toolbar = createToolbar(scene)
  const rowWindow = createWindow(
    {
      scroller: log,
      content,
      head,
      onDraw: showHead,
      makeView: (row) =>
        kept.get(row) ?? (row.kind === 'message' ? createArticle(row, scene) : createLine(row)),
      onDrawn: (row) => keyboard.onDrawn(row),
      onDrop(row, view) {
        keyboard.onDrop(row)
        if (toolbar.row === row) toolbar.hide()
        // What is being written in it stays.
        if (row.message?.id === conversation.editing.value) kept.set(row, view)
        else kept.delete(row)
      },
      onSettled,
    },
    signal,
  )
  const keyboard = createKeyboard({ log, rows: () => rows.list, window: rowWindow, toolbar }, signal)
  const seeing = createSeeing({ conversation, window: rowWindow, rows: () => rows.list }, signal)
  const loading = createLoading(
    { conversation, report: model.report, log, older, window: rowWindow, rows: () => rows.list, keyboard },
    signal,
  )
  createPointer({ log, window: rowWindow, toolbar }, signal)

  function touchWhere(holds: (row: Row) => boolean): void {
    for (const row of rowWindow.views.keys()) if (holds(row)) row.version++
    rowWindow.schedule()
  }

  function showRows(): void {
    const timeline = conversation.timeline.value
    const changed = rows.update(timeline, {
      ownId: scene.ownId(),
      now: Date.now(),
      columns: Math.max(20, Math.min(110, Math.floor((log.clientWidth - 84) / letterPx))),
    })
    showSeenBy()
    // What comes behind messages that are not the newest does not push away what is read.
    if (mustHold()) rowWindow.holdStill(true)
    if (changed.size > 0)
      touchWhere(
        ({ message }) => message !== null && message.reply_to !== null && changed.has(message.reply_to),
      )
    rowWindow.setRows(rows.list)
    followOwn()
    if (!isPlaced) return placeFirst()
    goToTarget()
    goToUnread()
  }

  function showHead(): void {
    const { isStart, isLoading } = conversation.timeline.value
    const { name, kind } = conversation.group.value
    const title = kind === 'direct' || !name ? 'this conversation' : name
    const hasNoMore = isStart || rows.list.length === 0
    if (older.hidden !== hasNoMore) older.hidden = hasNoMore
    setText(beginning, isStart && !isLoading ? `This is the beginning of ${title}` : '')
    if (log.ariaBusy !== String(isLoading)) log.ariaBusy = String(isLoading)
  }

  const mustHold = (): boolean => !conversation.timeline.value.isEnd || conversation.editing.value !== null

  /** Whoever sends wants to see it. */
  function followOwn(): void {
    const sent = conversation.timeline.value.pending.at(-1)
    if (sent?.clientId === lastSent) return
    const isNew = lastSent !== undefined || isPlaced
    lastSent = sent?.clientId
    if (sent && sent.state !== 'failed' && isNew) jumpToNewest()
  }

  /** Where the log stands when it is first seen: at the target, at what is new, or at the end. */
  function placeFirst(): void {
    const { messages, isLoading } = conversation.timeline.value
    if (isLoading || (messages.length === 0 && rows.list.length === 0)) return
    isPlaced = true
    newestSeq = messages.at(-1)?.seq ?? 0
    lastSent ??= conversation.timeline.value.pending.at(-1)?.clientId
    goToTarget()
    goToUnread()
  }

  /** Where what is new begins is known with the first messages, or a moment later. */
  function goToUnread(): void {
    const unread = rows.list.find(({ kind }) => kind === 'unread')
    if (!unread || isUnreadShown) return
    isUnreadShown = true
    if (conversation.target.value === null && seeing.seq === 0) rowWindow.reveal(unread, 'top')
  }

  function goToTarget(): void {
    const next = conversation.target.value
    const { messages, isEnd } = conversation.timeline.value
    if (!isPlaced || !next || next === target || signal.aborted) return
    // It may be told before the messages around it are.
    if ((messages[0]?.seq ?? 0) > next.seq || (messages.at(-1)?.seq ?? 0) < next.seq) return
    const row = rows.list.find(({ message }) => message !== null && message.seq >= next.seq)
    if (!row) return
    target = next
    const isToEnd = isGoingToEnd && isEnd
    isGoingToEnd = false
    if (isToEnd) return rowWindow.toEnd()
    const before = found
    found = row
    if (before) touch(before)
    touch(row)
    rowWindow.reveal(row, 'center')
    clearTimeout(foundTimer)
    foundTimer = setTimeout(() => {
      found = null
      touch(row)
    }, highlightMs)
    const { activeElement } = document
    if (activeElement === document.body || log.contains(activeElement)) keyboard.take(row)
  }

  /** The next target is the end, which is not lighted. */
  let isGoingToEnd = false
  function jumpToNewest(): void {
    rowWindow.toEnd()
    isGoingToEnd = !conversation.timeline.value.isEnd
    if (!conversation.timeline.value.isEnd) void conversation.jumpToNewest().catch(model.report)
    else if (log.contains(document.activeElement) || document.activeElement === jump.element)
      requestAnimationFrame(() => {
        const last = rows.list.findLast(({ kind }) => kind === 'message')
        if (last && document.activeElement === jump.element) keyboard.focus(last)
      })
  }

  function onSettled(cause: 'drawn' | 'scrolled'): void {
    const { messages, isEnd } = conversation.timeline.value
    if (cause === 'drawn') {
      rowWindow.holdStill(mustHold())
      keyboard.update()
      toolbar.update()
    }
    if (!isPlaced) return
    const isNewest = rowWindow.isAtEnd && isEnd
    // What comes at the end is read out; what was there before is not.
    const live = isNewest ? 'polite' : 'off'
    if (log.ariaLive !== live) log.ariaLive = live
    if (isNewest) newestSeq = messages.at(-1)?.seq ?? newestSeq
    if (isNewest && document.activeElement === jump.element) log.focus({ preventScroll: true })
    jump.show(isNewest ? null : countNew())
    seeing.look()
    loading.nearby()
  }

  /** Messages of others that came behind the last one that was seen at the end. */
  function countNew(): number {
    const { messages, isEnd } = conversation.timeline.value
    if (!isEnd) return Math.max(0, conversation.group.value.seq - newestSeq)
    let count = 0
    for (let i = messages.length - 1; (messages[i]?.seq ?? 0) > newestSeq; i--)
      if (messages[i]?.sender_id !== scene.ownId() && !messages[i]?.is_deleted) count++
    return count
  }

  function showSeenBy(): void {
    const message = lastOwn(conversation.timeline.value.messages, scene.ownId())
    const row = message && rows.of(message.id)
    const words = message ? seenByWords(message, conversation.reads.value, scene.ownId(), names.nameOf) : ''
    if (row === seenBy.row && words === seenBy.words) return
    for (const changed of [row, seenBy.row]) if (changed) changed.version++
    seenBy = { row, words }
    rowWindow.schedule()
  }

  let editing: string | null = null
  function showEditing(): void {
    const id = conversation.editing.value
    if (id === editing) return
    for (const changed of [id, editing]) {
      const row = changed === null ? undefined : rows.of(changed)
      if (row) touch(row)
      if (row && changed === editing) kept.delete(row)
    }
    editing = id
    const row = id === null ? undefined : rows.of(id)
    if (row) rowWindow.reveal(row, 'nearest')
    if (id !== null) rowWindow.holdStill(true)
  }

  conversation.timeline.listen(showRows, signal)
  conversation.group.listen(() => isPlaced && rowWindow.schedule(), signal)
  conversation.reads.listen(showSeenBy, signal)
  conversation.editing.listen(showEditing, signal)
  conversation.target.listen(goToTarget, signal)
  conversation.rights.listen(() => touchWhere(({ kind }) => kind === 'message'), signal)
  conversation.people.listen(() => {
    showSeenBy()
    touchWhere((row) => (row.message ?? row.pending)?.content.includes('@') ?? false)
  }, signal)
  model.me.listen(() => touchWhere(({ kind }) => kind === 'message'), signal)
  turnDays()
  return timeline

  /** At midnight today is yesterday. */
  function turnDays(): void {
    const tomorrow = startOfDay(startOfDay(Date.now()) + 36 * 3_600_000)
    const timer = setTimeout(
      () => {
        showRows()
        turnDays()
      },
      tomorrow - Date.now() + 50,
    )
    signal.addEventListener('abort', () => clearTimeout(timer))
  }
}
