import { connect } from '../../../src/client/client.ts'
import type { ChatEvent, Closed, ConnectOptions, Group } from '../../../src/client/types.ts'
import { createCell } from './cell.ts'
import type { Clock } from './clock.ts'
import { createConnectionCell } from './connection.ts'
import { createConversation, type OpenConversation } from './conversation.ts'
import { createDrafts, draftsKey } from './drafts.ts'
import { createGroups } from './groups.ts'
import { createHistories } from './histories.ts'
import { createKept } from './kept.ts'
import { createNotices } from './notices.ts'
import { createProblems } from './problems.ts'
import type { ChatModel, Keeping } from './types.ts'
import { createUploads, type Uploads } from './uploads.ts'

export interface ModelOptions {
  /** The service's origin. */
  url: string
  token: ConnectOptions['token']
  /** Called when the connection is over: `closed` is why the service wants this client to stay away. */
  onClosed?(closed: Closed | null): void
  /** What is kept in the browser for this user. */
  keeping: Keeping
  now?(): number
  /** Further options of the library. */
  library?: Partial<ConnectOptions>
  /** The page's window, or what there is of one. */
  browser?: Browser
}

interface Browser {
  readonly navigator?: { readonly onLine?: boolean }
  addEventListener?(type: string, listener: (event: never) => void): void
  removeEventListener?(type: string, listener: (event: never) => void): void
}

const retryMs = 3_000
/** Who leaves a group by themselves goes elsewhere at once; who is put out is told why. */
const goneMs = 300

/** The model of the page: one connection, and all that is known of the user's groups. */
export function createChatModel(options: ModelOptions): ChatModel {
  const { keeping, browser = globalThis as Browser } = options
  const gone = new AbortController()
  const clock = createClock(options.now ?? Date.now, gone.signal)
  const problems = createProblems(clock)
  const { report } = problems
  const kept = createKept(keeping, clock)
  const me = createCell(kept.me)
  const current = createCell<OpenConversation | null>(null)
  const uploads = new Map<string, Uploads>()
  /** The last `open`: an earlier one that waits for its group is off. */
  let opened = 0

  const chat = connect({
    ...options.library,
    url: options.url,
    token: options.token,
    storage: keeping,
    onState(state) {
      connection.become(state)
      // The library has the cursors of the groups in a moment.
      if (state === 'online') queueMicrotask(cameOnline)
      else current.value?.wentOffline()
      if (state === 'closed') options.onClosed?.(chat.closed ?? null)
    },
    onPending: () => current.value?.waitingChanged(),
  })

  const ownId = (): string => me.value?.id ?? chat.userId ?? ''
  const of = (groupId: string): OpenConversation | null =>
    current.value?.id === groupId ? current.value : null
  const connection = createConnectionCell(
    () => chat,
    {
      isOnline: () => browser.navigator?.onLine !== false,
      listen: (run) => listen(['online', 'offline'], run),
    },
    clock,
  )
  const drafts = createDrafts(keeping)
  const groups = createGroups({
    chat,
    clock,
    kept: kept.groups,
    ownId,
    report,
    onChange(ids) {
      const shown = current.value
      const group = shown && ids.has(shown.id) && groups.get(shown.id)
      if (group) shown.changed(group)
    },
    onGone(group, why) {
      const shown = of(group.id)
      if (!shown) return
      const name = group.name ?? 'this chat'
      clock.after(goneMs, () => {
        if (current.value !== shown) return
        open(null)
        if (why === 'deleted') problems.tell(`${name} was deleted.`)
        else if (why === 'banned') problems.tell(`You were banned from ${name}.`)
        else if (why === 'lost') problems.tell(`You are no longer in ${name}.`)
      })
    },
  })
  const histories = createHistories(chat, ownId)
  const notices = createNotices({
    now: clock.now,
    ownId,
    nameOf: (groupId, userId) => (userId === ownId() ? 'you' : of(groupId)?.nameOf(userId)),
    roleOf: (groupId, userId) => of(groupId)?.roleOf(userId),
    titleOf: (groupId) => groups.get(groupId)?.name,
  })

  function listen(types: readonly string[], run: (event: never) => void): void {
    for (const type of types) {
      browser.addEventListener?.(type, run)
      gone.signal.addEventListener('abort', () => browser.removeEventListener?.(type, run))
    }
  }

  function receive(event: ChatEvent): void {
    const id = event.group_id ?? ''
    // A notice says what is another now than before.
    const isNotice = notices.receive(event, groups.get(id)?.seq ?? 0)
    groups.receive(event)
    histories.receive(event)
    of(id)?.receive(event)
    if (isNotice) of(id)?.waitingChanged()
  }

  let hasProfile = false
  async function refreshMe(): Promise<void> {
    me.set(await chat.users.me())
    hasProfile = true
  }

  async function meet(): Promise<void> {
    if (hasProfile) return
    await refreshMe().catch(() => {
      if (chat.state === 'online') clock.after(retryMs, () => void meet())
    })
  }

  function cameOnline(): void {
    void meet()
    void groups.load()
    current.value?.cameOnline()
  }

  const known = new Promise<void>((resolve) => {
    me.listen((profile) => profile && resolve(), gone.signal)
  })

  function open(groupId: string | null, messageId?: string): void {
    const mine = ++opened
    const shown = current.value
    if (shown && shown.id === groupId) {
      if (messageId !== undefined) void shown.jumpTo(messageId)
      return
    }
    if (groupId === null) return show(null)
    const group = groups.get(groupId)
    if (group && me.value) return show(conversationOf(group, messageId))
    show(null)
    known
      .then(() => groups.get(groupId) ?? groups.adopt(groupId))
      .then((found) => mine === opened && show(conversationOf(found, messageId)))
      .catch((error) => mine === opened && report(error))
  }

  function show(next: OpenConversation | null): void {
    const before = current.value
    current.set(next)
    before?.dispose()
  }

  function conversationOf(group: Group, messageId: string | undefined): OpenConversation {
    const own = uploads.get(group.id) ?? createUploads({ chat, groupId: group.id, clock })
    uploads.set(group.id, own)
    const ownName = () => me.value?.username
    return createConversation(
      { chat, group, ownId: ownId(), ownName, clock, groups, histories, notices, uploads: own, report },
      messageId,
    )
  }

  chat.on('event', receive)
  listen(['storage'], ({ key }: { key: string | null }) => {
    if (key === null || key.endsWith(draftsKey)) drafts.reread()
  })
  kept.follow(me, groups.cell, gone.signal)
  void meet()
  void groups.load()

  return {
    chat,
    me,
    refreshMe,
    connection: connection.cell,
    groups: groups.cell,
    totals: groups.totals,
    current,
    drafts,
    problems: problems.cell,
    open,
    report,
    adopt: groups.adopt,
    close() {
      show(null)
      gone.abort()
      chat.close()
      kept.forget()
    },
  }
}

/** Nothing runs any more once the signal is aborted. */
function createClock(now: () => number, signal: AbortSignal): Clock {
  const timers = new Set<ReturnType<typeof setTimeout>>()
  signal.addEventListener('abort', () => timers.forEach(clearTimeout))
  return {
    now,
    after(ms, run) {
      if (signal.aborted) return () => undefined
      const timer = setTimeout(() => {
        timers.delete(timer)
        run()
      }, ms)
      timers.add(timer)
      return () => {
        timers.delete(timer)
        clearTimeout(timer)
      }
    },
  }
}
