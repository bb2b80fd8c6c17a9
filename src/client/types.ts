/** The types of `chat-api/client`. They stand by themselves, and are served as `/client.d.ts`. */

/** Connects to a service with one socket for all groups of the token's user. Throws TypeError when `url` is none. */
export declare function connect(options: ConnectOptions): Chat

export interface ConnectOptions {
  /** The service's origin, `https://chat.example.com`; one that ends in the prefix is taken too. */
  url: string
  /** Gets the JWT. It is asked for before each connection, before the token expires, and for REST. */
  token: string | (() => string | Promise<string>)
  /** What the API's paths begin with; `/api/chat` unless given. */
  prefix?: string
  /** Keeps sends that wait over a reload: `localStorage`, or anything with these two methods. */
  storage?: ChatStorage
  onState?(state: ChatState): void
  /** `pending` is another one: something waits that did not, or is sent, acknowledged, refused. */
  onPending?(): void
  /** How long to wait before the next connection, in milliseconds: at random up to `minMs` (250), doubled up to `maxMs` (30,000). */
  reconnect?: { minMs?: number; maxMs?: number }
  /** A send that has not been answered for so many milliseconds since it was connected last fails; 60,000 unless given. */
  sendTimeoutMs?: number
  /** What a handler throws; it is written to the console unless this is given. */
  onError?(error: unknown): void
  WebSocket?: new (url: string, protocols?: string[]) => ChatSocket
  fetch?: (url: string, init?: any) => Promise<ChatResponse>
  setTimeout?: (run: () => void, ms: number) => unknown
  crypto?: { getRandomValues<T extends ArrayBufferView>(array: T): T }
}

/** A part of the Web Storage interface, synchronous or not. */
export interface ChatStorage {
  getItem(key: string): string | null | undefined | Promise<string | null | undefined>
  setItem(key: string, value: string): unknown
}

/** What is used of a WebSocket. */
export interface ChatSocket {
  onmessage: ((event: any) => void) | null
  onclose: ((event: any) => void) | null
  onerror: ((event: any) => void) | null
  send(text: string): void
  close(code?: number): void
}

/** What is used of an answer of `fetch`. */
export interface ChatResponse {
  ok: boolean
  status: number
  headers: { get(name: string): string | null }
  text(): Promise<string>
}

/** `offline`: the next connection is waited for. `closed` is the end. */
export type ChatState = 'connecting' | 'online' | 'offline' | 'closed'

/** Why the service wants this client to stay away. */
export interface Closed {
  /** The close code of the socket, or the HTTP status of the refusal. */
  code: number
  /** The code of the problem, `unauthenticated` for instance. */
  reason: string
  /** What to do about it, in a sentence of the service. */
  detail: string
}

/** With what a request, or a send, is refused. */
export interface ChatError extends Error {
  /** One of the codes of docs/protocol.md; or `timeout`, `offline`, `closed` where there was no answer. */
  code: string
  detail: string
  /** Of a refusal by REST. */
  status?: number
  /** The fields that can't be taken. */
  errors?: { field: string; message: string }[]
  retryAfterMs?: number
}

export interface Person {
  id: string
  username: string
  display_name: string
  avatar_url: string | null
}

export interface Profile extends Person {
  number: number
  created_at: string
  last_seen_at: string | null
  /** One's own only. */
  email?: string | null
}

export interface ChatFile {
  id: string
  group_id: string
  name: string
  type: string
  size: number
  sha256: string
  width: number | null
  height: number | null
  created_at: string
  uploaded_by: string
  url: string
}

export interface Reaction {
  emoji: string
  count: number
  user_ids: string[]
}

export interface Message {
  id: string
  group_id: string
  sender_id: string
  sender: Person
  content: string
  created_at: string
  updated_at: string
  edited_at: string | null
  is_deleted: boolean
  /** 1, 2, 3, ... without a gap in the group: the only order there is. */
  seq: number
  /** Raised by each edit, delete and restore. */
  ver: number
  client_id?: string
  reply_to: string | null
  thread_id: string | null
  reply_count: number
  mentions: string[]
  mention_all: boolean
  reactions: Reaction[]
  /** REST only: what the caller reacted with. */
  my_reactions?: string[]
  pinned_at: string | null
  attachments: ChatFile[]
  metadata: Record<string, unknown>
}

export type Role = 'owner' | 'admin' | 'member'

export interface Member {
  user_id: string
  username: string
  display_name: string
  role: Role
  joined_at: string
  muted_until: string | null
  /** REST only. */
  online?: boolean
}

export interface Group {
  id: string
  number: number | null
  kind: 'group' | 'direct'
  name: string | null
  description: string
  visibility: 'private' | 'open'
  post_policy: 'everyone' | 'admins'
  metadata: Record<string, unknown>
  avatar_url: string | null
  retention_days: number | null
  authorized_user_ids: string[]
  member_count: number
  created_at: string
  updated_at: string
  seq: number
  last_message_at: string | null
  last_message: Message | null
  /** null for a guest. */
  role: Role | null
  read_seq: number
  unread_count: number
  mention_count: number
  notify: 'all' | 'mentions' | 'none'
  pinned: boolean
  hidden: boolean
  /** The two of a direct chat. */
  user_ids?: string[]
  /** In the list of open groups. */
  is_member?: boolean
  [more: string]: unknown
}

export interface GroupPage {
  groups: Group[]
  total: number
  has_more: boolean
  [more: string]: unknown
}

export interface MessagePage {
  messages: Message[]
  total: number
  has_more: boolean
  /** The group's present cursor, read before the page. */
  cursor: string
  [more: string]: unknown
}

/** Something that happened, in the words of docs/protocol.md: `new_message`, `message_updated`, `typing` ... */
export interface ChatEvent {
  type: string
  group_id?: string
  cursor?: string
  [field: string]: any
}

export interface MessageEvent extends ChatEvent {
  type: 'new_message' | 'message_updated'
  group_id: string
  message: Message
}

/** Too much was missed, or it can't be told any more: fetch the group again. What follows goes on from there. */
export interface ResyncEvent extends ChatEvent {
  type: 'resync'
  group_id: string
  reason: string
}

export interface EventTypes {
  /** Another name of `new_message`. */
  message: MessageEvent
  new_message: MessageEvent
  message_updated: MessageEvent
  resync: ResyncEvent
  /** Every event. */
  event: ChatEvent
  [type: string]: ChatEvent
}

export interface SendOptions {
  replyTo?: string
  mentions?: string[]
  mentionAll?: boolean
  /** Ids of files that were uploaded to the group. */
  attachments?: string[]
  metadata?: Record<string, unknown>
  /** The key of the message: sent again under the same one, it stays one message. A new one unless given. */
  clientId?: string
}

/** A send that is not acknowledged. */
export interface PendingSend {
  clientId: string
  groupId: string
  content: string
  /** `failed`: it is not tried any more, unless by `retry`. */
  state: 'waiting' | 'sending' | 'failed'
  error?: { code: string; detail: string }
  /** Milliseconds since 1970. */
  queuedAt: number
  options: Omit<SendOptions, 'clientId'>
}

export interface UploadOptions {
  name?: string
  onProgress?(progress: { loaded: number; total: number }): void
}

export interface HistoryOptions {
  /** The last ones with a lower seq. The newest come first, as in every page. */
  before?: number
  /** The next ones with a higher seq. */
  after?: number
  /** 1 to 100. */
  limit?: number
  /** Leaves answers out. */
  threads?: 'roots'
}

/** One group. */
export interface ChatGroup {
  readonly id: string
  /** Where this client is in the group's events; undefined before it listens. */
  readonly cursor: string | undefined
  /** Resolves with the message when the service has it for good; rejects with ChatError. Sends of a group go out in their order. */
  send(content: string, options?: SendOptions): Promise<Message>
  history(options?: HistoryOptions): Promise<MessagePage>
  /** Tells that the user types; to be repeated about each 3 s. */
  typing(state?: 'start' | 'stop'): void
  react(messageId: string, emoji: string): Promise<{ reactions: Reaction[]; my_reactions: string[] }>
  unreact(messageId: string, emoji: string): Promise<{ reactions: Reaction[]; my_reactions: string[] }>
  edit(messageId: string, change: string | MessageChange): Promise<Message>
  delete(messageId: string): Promise<void>
  pin(messageId: string): Promise<Message>
  unpin(messageId: string): Promise<Message>
  markRead(seq: number): Promise<ReadState>
  /**
   * Listens to a group that one is no member of, or goes on from a cursor that was kept: all since then is told first. Groups of the
   * user are listened to without this. Rejects with ChatError.
   */
  subscribe(options?: { after?: string }): Promise<void>
  unsubscribe(): Promise<void>
}

export interface MessageChange {
  content?: string
  mentions?: string[]
  metadata?: Record<string, unknown>
}

export interface ReadState {
  seq: number
  unread_count: number
  mention_count: number
}

/** What further fields a route takes or answers is in `/openapi.json`. */
type Fields = Record<string, unknown>
type Page<Name extends string, T> = { [name in Name]: T[] } & {
  next?: string | null
  total?: number
  [more: string]: unknown
}

export interface Groups {
  list(options?: {
    scope?: 'open'
    page?: number
    page_size?: number
    sort?: string
    q?: string
    hidden?: boolean
  }): Promise<GroupPage>
  /** All of them, page by page. */
  all(options?: { scope?: 'open'; sort?: string; q?: string }): AsyncIterableIterator<Group>
  get(id: string): Promise<Group>
  create(
    group: {
      name: string
      description?: string
      authorized_user_ids?: string[]
      visibility?: 'private' | 'open'
      key?: string
    } & Fields,
  ): Promise<Group>
  update(id: string, changes: Fields): Promise<Group>
  delete(id: string): Promise<void>
  /** The direct chat with this user, which is made if there is none. */
  direct(userId: string): Promise<Group>
  join(id: string): Promise<Group>
  leave(id: string): Promise<void>
  members(id: string, options?: { after?: string; limit?: number } & Fields): Promise<Page<'members', Member>>
  addMember(id: string, userId: string): Promise<Member>
  changeMember(
    id: string,
    userId: string,
    changes: { role?: Role; muted_until?: string | null } & Fields,
  ): Promise<Member>
  removeMember(id: string, userId: string): Promise<void>
  ban(id: string, userId: string, ban?: { reason?: string; until?: string | null }): Promise<Fields>
  unban(id: string, userId: string): Promise<void>
  bans(id: string): Promise<Page<'bans', Fields>>
  invite(
    id: string,
    options?: { max_uses?: number; expires_in?: number } & Fields,
  ): Promise<{ code: string } & Fields>
  invites(id: string): Promise<Page<'invites', { code: string } & Fields>>
  removeInvite(id: string, code: string): Promise<void>
  invited(code: string): Promise<Fields>
  accept(code: string): Promise<Group>
  markRead(id: string, seq: number): Promise<ReadState>
  reads(id: string): Promise<Page<'reads', { user_id: string; seq: number; at: string } & Fields>>
  online(id: string): Promise<Page<'users', { user_id: string; connections: number } & Fields>>
  pins(id: string): Promise<Page<'messages', Message>>
  messages(id: string, options?: Fields): Promise<MessagePage>
  events(
    id: string,
    options?: { after?: string; limit?: number },
  ): Promise<{ events: ChatEvent[]; cursor: string } & Fields>
  preferences(
    id: string,
    changes: { notify?: 'all' | 'mentions' | 'none'; pinned?: boolean; hidden?: boolean },
  ): Promise<Fields>
  files(id: string, options?: { before?: string; limit?: number }): Promise<Page<'files', ChatFile>>
  avatar(id: string, picture: unknown): Promise<Fields>
  removeAvatar(id: string): Promise<void>
}

export interface Messages {
  get(id: string): Promise<Message>
  edit(id: string, change: string | MessageChange): Promise<Message>
  delete(id: string): Promise<void>
  restore(id: string): Promise<Message>
  replies(id: string, options?: { after?: number; limit?: number }): Promise<Page<'messages', Message>>
  thread(id: string, options?: { after?: number; limit?: number }): Promise<Page<'messages', Message>>
  revisions(id: string): Promise<Page<'revisions', { content: string; at: string }>>
  react(id: string, emoji: string): Promise<{ reactions: Reaction[]; my_reactions: string[] }>
  unreact(id: string, emoji: string): Promise<{ reactions: Reaction[]; my_reactions: string[] }>
  pin(id: string): Promise<Message>
  unpin(id: string): Promise<Message>
  report(id: string, reason: string): Promise<Fields>
}

export interface Users {
  me(): Promise<Profile>
  update(changes: { display_name?: string; email?: string | null }): Promise<Profile>
  get(id: string): Promise<Profile>
  byName(username: string): Promise<Profile>
  search(q: string, options?: { limit?: number }): Promise<{ users: Profile[] }>
  blocks(): Promise<Fields>
  block(userId: string): Promise<Fields>
  unblock(userId: string): Promise<void>
  avatar(picture: unknown): Promise<Fields>
  removeAvatar(): Promise<void>
}

export interface Files {
  link(id: string): Promise<{ url: string; expires_at: string }>
  delete(id: string): Promise<void>
}

export interface Push {
  key(): Promise<{ public_key: string }>
  subscribe(subscription: Fields): Promise<Fields>
  unsubscribe(endpoint: string): Promise<void>
}

export interface SearchResult {
  message: Message
  group: { id: string; name: string | null }
  /** What matched, in UTF-16 units of the message's content. */
  highlights: [start: number, end: number][]
}

export interface Chat {
  readonly state: ChatState
  /** Set when the service said that this client is to stay away. */
  readonly closed: Closed | undefined
  /** The user whom the token is of; undefined before the first connection. */
  readonly userId: string | undefined
  /** Sends that are not acknowledged, in their order. */
  readonly pending: readonly PendingSend[]
  /** Calls the handler with each event of the type. Returns the way to stop. */
  on<Type extends keyof EventTypes & string>(
    type: Type,
    handler: (event: EventTypes[Type]) => void,
  ): () => void
  /** All events from now on, or those of one group, each once and in order. It ends when the client is closed. */
  events(options?: { group?: string }): AsyncIterableIterator<ChatEvent>
  group(id: string): ChatGroup
  readonly groups: Groups
  readonly messages: Messages
  readonly users: Users
  readonly files: Files
  readonly push: Push
  search(
    q: string,
    options?: {
      group_id?: string
      sender_id?: string
      before?: string
      after?: string
      has?: 'file'
      limit?: number
      cursor?: string
    },
  ): Promise<{ results: SearchResult[]; next: string | null }>
  upload(groupId: string, file: unknown, options?: UploadOptions): Promise<ChatFile>
  /** Any other route of the API: `request('GET', '/audit')`. Rejects with ChatError. */
  request<T = any>(method: string, path: string, body?: unknown): Promise<T>
  /** Sends a failed one again, under the same key. */
  retry(clientId: string): void
  /** Lets go of a send that is not under way. */
  discard(clientId: string): void
  close(): void
}
