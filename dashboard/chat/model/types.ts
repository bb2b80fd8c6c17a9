import type {
  Chat,
  ChatFile,
  Closed,
  Group,
  Member,
  Message,
  PendingSend,
  Person,
  Profile,
} from '../../../src/client/types.ts'
import type { Cell } from './cell.ts'

/**
 * What the page knows. Views read its cells and call its methods; they change nothing else, and hear no socket. Whatever
 * comes from the service goes library -> model -> cells -> views.
 */
export interface ChatModel {
  /** The library: for REST that no cell shows (looking people up, invites, links of files). */
  readonly chat: Chat
  readonly me: Cell<Profile | null>
  /** Fetches it again: the user has changed it. Rejects with ChatError. */
  refreshMe(): Promise<void>
  readonly connection: Cell<Connection>
  /** In the order in which they are listed: pinned ones first, then the latest activity first. null until they are loaded. */
  readonly groups: Cell<readonly Group[] | null>
  /** Over all groups that are not silenced: for the title and the icon. */
  readonly totals: Cell<Totals>
  /** The group that is shown. */
  readonly current: Cell<Conversation | null>
  readonly drafts: Drafts
  /** What went wrong and that the user has to know, one sentence each; shown for some seconds. */
  readonly problems: Cell<readonly Problem[]>
  /** Shows this group (null: none), at this message if one is named, else at the first unread one or the newest. */
  open(groupId: string | null, messageId?: string): void
  /** The way of every refusal to the user: told as a problem. */
  report(error: unknown): void
  /** Fetches a group that the list lacks (joined, created, accepted), and has it in the list from then on. */
  adopt(groupId: string): Promise<Group>
  /** Ends it: what was kept of groups goes, drafts and what waits to be sent stay. */
  close(): void
}

export type Connection =
  | { readonly state: 'connecting' | 'online' | 'reconnecting' | 'offline' }
  /** The service wants this client to stay away. */
  | { readonly state: 'closed'; readonly closed: Closed | null }

export interface Totals {
  readonly unread: number
  readonly mentions: number
}

export interface Problem {
  readonly id: number
  readonly text: string
}

/** One group that is shown. Another one is made when it is shown again. */
export interface Conversation {
  readonly id: string
  readonly group: Cell<Group>
  /** Of the caller: what the role and the group's rules let do. */
  readonly rights: Cell<Rights>
  readonly timeline: Cell<Timeline>
  readonly people: Cell<People>
  /** Who types now, without oneself. */
  readonly typing: Cell<readonly Person[]>
  /** How far the others have read, by user id: in groups of at most `seenByLimit` members; else it stays empty. */
  readonly reads: Cell<ReadonlyMap<string, number>>
  /** What the next message answers. */
  readonly replyTo: Cell<Message | null>
  /** Whose text is being edited in place: a message's id. */
  readonly editing: Cell<string | null>
  /** Where the view has to go: set by `jumpTo`, and by opening at a message. A new object for each jump. */
  readonly target: Cell<{ readonly seq: number } | null>
  /** Files that are on their way up or wait for the next send. */
  readonly uploads: Cell<readonly Upload[]>

  /** Puts the page of messages before the first one in front. Nothing happens at the start, or while one is under way. */
  loadOlder(): Promise<void>
  /** The same behind the last one, where the timeline is not at its end. */
  loadNewer(): Promise<void>
  /** Loads the pages around the message where it is not loaded, and sets `target`. */
  jumpTo(messageId: string): Promise<void>
  /** Goes back to the timeline's end; loads it anew where it is not loaded. */
  jumpToNewest(): Promise<void>
  /** The user has seen all up to this seq: read marks go out, not more often than every second. */
  seen(seq: number): void

  answer(message: Message | null): void
  edit(messageId: string | null): void
  /** Mentions are found in the text: `@username` of a member, `@all`. Takes `replyTo` and the uploads that are done along. */
  send(text: string): void
  retry(clientId: string): void
  discard(clientId: string): void
  saveEdit(messageId: string, text: string): Promise<boolean>
  delete(messageId: string): Promise<void>
  /** Adds the reaction, or takes it back where it is one's own. Shown at once. */
  toggleReaction(message: Message, emoji: string): Promise<void>
  togglePin(message: Message): Promise<void>
  /** Call it at each change of the text: it is told to the others at most every 3 s; false: the user stopped. */
  typed(isTyping: boolean): void
  upload(files: readonly File[]): void
  removeUpload(id: number): void
  /** The next page of members, while `people.isWhole` is false. */
  loadPeople(): Promise<void>
  /** Has those in `people` whose names begin so, though their page is not loaded yet. */
  findPeople(query: string): Promise<void>
  setNotify(notify: Group['notify']): Promise<void>
}

export interface Rights {
  readonly mayWrite: boolean
  /** Why not, for the place of the text field. */
  readonly whyNot: string | null
  /** Edit and remove others' messages, pin, invite, mute, ban, remove. */
  readonly isAdmin: boolean
  readonly isOwner: boolean
}

export interface Timeline {
  /** Ascending by seq. What is missing between two of them was deleted for good. Deleted ones stay, with `is_deleted`. */
  readonly messages: readonly Message[]
  /** Own sends of this group that are not acknowledged, in their order. */
  readonly pending: readonly PendingSend[]
  readonly notices: readonly Notice[]
  readonly isLoading: boolean
  /** There is nothing before the first one. */
  readonly isStart: boolean
  /** The last one is the newest; else newer ones are to be loaded, and what is sent meanwhile does not appear here. */
  readonly isEnd: boolean
  /** The first message that was unread when the group was opened: a line stands before it. */
  readonly unreadFrom: number | null
}

/** `alice joined`, between two messages. */
export interface Notice {
  readonly id: number
  /** It stands behind this message. */
  readonly afterSeq: number
  /** Milliseconds since 1970. */
  readonly at: number
  readonly text: string
}

export interface People {
  readonly members: readonly Member[]
  /** Ids of those who are connected now, members or guests. */
  readonly online: ReadonlySet<string>
  /** All members are listed. */
  readonly isWhole: boolean
}

export interface Upload {
  readonly id: number
  readonly name: string
  readonly size: number
  readonly loaded: number
  readonly state: 'sending' | 'done' | 'failed'
  readonly file: ChatFile | null
  /** A sentence of the service. */
  readonly error: string | null
}

/** Texts that were begun, by group; they are kept over reloads. */
export interface Drafts {
  get(groupId: string): string
  set(groupId: string, text: string): void
  /** The groups that have one, for the list. */
  readonly groupIds: Cell<ReadonlySet<string>>
}

/** What is kept in the browser. localStorage is one; where it is refused there is one in memory. */
export interface Keeping {
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}
