import { connect } from '../../../src/client/client.ts'
import type { ChatEvent, Closed, ConnectOptions, Group, Profile } from '../../../src/client/types.ts'
import { createCell } from './cell.ts'
import type { Clock } from './clock.ts'
import { createConnectionCell, type Network } from './connection.ts'
import { createConversation, type OpenConversation } from './conversation.ts'
import { createDrafts, draftsKey } from './drafts.ts'
import { createGroups } from './groups.ts'
import { createKeeping } from './keeping.ts'
import { createNotices } from './notices.ts'
import { createProblems } from './problems.ts'
import type { ChatModel, Keeping } from './types.ts'
import { createUploads, type Uploads } from './uploads.ts'

export interface ModelOptions {
  /** The service's origin. */
  url: string
  token: ConnectOptions['token']
  /** Called when the service said that this client is to stay away; null where `close` was called. */
  onClosed?(closed: Closed | null): void
  /** Where drafts and sends that wait are kept; localStorage unless given. */
  keeping?: Keeping
  now?(): number
  /** Further options of the library. */
  library?: Partial<ConnectOptions>
  /** What a browser tells of its network and its other tabs. */
  browser?: Browser
}

interface Browser {
  readonly navigator?: { readonly onLine?: boolean }
  readonly localStorage?: Keeping
  addEventListener?(type: string, listener: (event: never) => void): void
  removeEventListener?(type: string, listener: (event: never) => void): void
}

const meKey = 'chat-api.me'
const retryMs = 3_000

/** The model of the page: one connection, and all that is known of the user's groups. */
export function createChatModel(options: ModelOptions): ChatModel {
  const browser: Browser = options.browser ?? (globalThis as Browser)
  const keeping = options.keeping ?? createKeeping(() => browser.localStorage as Keeping)
  const clock = createClock(options.now ?? Date.now)
  const gone = new AbortController()
  const problems = createProblems(clock)
  const { report } = problems
  const me = createCell<Profile | null>(keptProfile(keeping))
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
      if (state === 'online') queueMicrotask(cameOnline)
      else current.value?.wentOffline()
      if (state === 'closed') options.onClosed?.(chat.closed ?? null)
    },
    onPending: () => current.value?.pendingChanged(),
  })

  const ownId = (): string => me.value?.id ?? chat.userId ?? ''
  const connection = createConnectionCell(() => chat, networkOf(browser, gone.signal), clock)
  const drafts = createDrafts(keeping, ownId)
  const groups = createGroups({
    chat,
    clock,
    ownId,
    report,
    onChange(ids) {
      const shown = current.value
      const group = shown && ids.has(shown.id) && groups.get(shown.id)
      if (group) shown.changed(group)
    },
    onGone(group, byOneself) {
      if (current.value?.id !== group.id) return
      if (!byOneself) problems.tell(`You are no longer in ${group.name ?? 'this chat'}.`)
      open(null)
    },
  })
  const notices = createNotices({
    now: clock.now,
    ownId,
    nameOf(groupId, userId) {
      if (userId === ownId()) return 'you'
      return current.value?.id === groupId ? current.value.nameOf(userId) : undefined
    },
  })

  function receive(event: ChatEvent): void {
    groups.receive(event)
    const id = event.group_id
    if (id === undefined) return
    const isNotice = notices.receive(event, groups.get(id)?.seq ?? 0)
    const shown = current.value
    if (shown?.id !== id) return
    shown.receive(event)
    if (isNotice) shown.pendingChanged()
  }

  function cameOnline(): void {
    if (!hasProfile) void loadProfile()
    void groups.load()
    current.value?.cameOnline()
  }

  let hasProfile = false
  async function loadProfile(): Promise<void> {
    try {
      const profile = await chat.users.me()
      hasProfile = true
      if (me.value?.id !== profile.id) current.value?.dispose()
      me.set(profile)
      keeping.setItem(meKey, JSON.stringify(profile))
      drafts.reread()
    } catch {
      if (chat.state === 'online') clock.after(retryMs, () => void loadProfile())
    }
  }

  const known = new Promise<void>((resolve) => {
    me.listen((profile) => {
      if (profile) resolve()
    }, gone.signal)
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
    void known
      .then(() => groups.get(groupId) ?? groups.adopt(groupId))
      .then((adopted) => mine === opened && show(conversationOf(adopted, messageId)))
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
    return createConversation(
      {
        chat,
        group,
        ownId: ownId(),
        ownName: () => me.value?.username,
        clock,
        groups,
        notices,
        uploads: own,
        report,
      },
      messageId,
    )
  }

  chat.on('event', receive)
  browser.addEventListener?.('storage', ({ key }: { key: string | null }) => {
    // What is kept of one user may lie under longer keys.
    if (key === null || key.endsWith(draftsKey(ownId()))) drafts.reread()
  })
  void loadProfile()
  void groups.load()

  return {
    chat,
    me,
    connection: connection.cell,
    groups: groups.cell,
    totals: groups.totals,
    current,
    drafts,
    problems: problems.cell,
    open,
    report,
    adopt: groups.adopt,
    refreshMe: loadProfile,
    close() {
      gone.abort()
      show(null)
      chat.close()
    },
  }
}

function createClock(now: () => number): Clock {
  return {
    now,
    after(ms, run) {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
  }
}

function networkOf(browser: Browser, signal: AbortSignal): Network {
  return {
    isOnline: () => browser.navigator?.onLine !== false,
    listen(run) {
      for (const type of ['online', 'offline']) {
        browser.addEventListener?.(type, run)
        signal.addEventListener('abort', () => browser.removeEventListener?.(type, run))
      }
    },
  }
}

function keptProfile(keeping: Keeping): Profile | null {
  try {
    return JSON.parse(keeping.getItem(meKey) ?? 'null')
  } catch {
    return null
  }
}
