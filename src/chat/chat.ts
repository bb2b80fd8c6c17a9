import type { Frequency } from '../domain/budget.ts'
import type { People } from '../domain/person.ts'
import type { Rates } from '../domain/rates.ts'
import type { Hub } from '../hub/hub.ts'
import type { Directory } from '../people/directory.ts'
import type { Store } from '../store/store.ts'
import { type Audit, createAudit } from './audit.ts'
import { type Avatars, createAvatars } from './avatars.ts'
import { type Bans, createBans } from './bans.ts'
import { type Blocks, createBlocks } from './blocks.ts'
import { createDevices, type Devices, type PushOptions } from './devices.ts'
import { createDirect, type Direct } from './direct.ts'
import { createErasures, type Erasures } from './erasures.ts'
import { createEvents, type Events } from './events.ts'
import { createExports, type Exports } from './exports.ts'
import { createFiles, type Files } from './files.ts'
import { createGroups, type Groups } from './groups.ts'
import { createIds } from './ids.ts'
import { createInvites, type Invites } from './invites.ts'
import { createLive, type Live } from './live.ts'
import { createMembers, type Members } from './members.ts'
import { createMessages, type Messages } from './messages.ts'
import { createOnlineUsers, type OnlineUsers } from './online.ts'
import { createPins, type Pins } from './pins.ts'
import { createPreferences, type Preferences } from './preferences.ts'
import { createProfiles, type Profiles } from './profiles.ts'
import { createReactions, type Reactions } from './reactions.ts'
import { createReads, type Reads } from './reads.ts'
import { createReplies, type Replies } from './replies.ts'
import { createReports, type Reports } from './reports.ts'
import { createRetention, type Retention } from './retention.ts'
import { createRevisions, type Revisions } from './revisions.ts'
import { createRooms, type Rooms } from './rooms.ts'
import { createSearch, type Search } from './search.ts'

/** The use cases, which every transport shares. */
export interface Chat {
  readonly groups: Groups
  readonly direct: Direct
  readonly rooms: Rooms
  readonly members: Members
  readonly bans: Bans
  readonly messages: Messages
  readonly replies: Replies
  readonly revisions: Revisions
  readonly reactions: Reactions
  readonly reads: Reads
  readonly pins: Pins
  readonly files: Files
  readonly invites: Invites
  readonly preferences: Preferences
  readonly reports: Reports
  readonly erasures: Erasures
  readonly exports: Exports
  readonly retention: Retention
  readonly profiles: Profiles
  readonly blocks: Blocks
  readonly avatars: Avatars
  readonly audit: Audit
  /** null where nobody is told by push messages. */
  readonly devices: Devices | null
  /** null where nothing is searched. */
  readonly search: Search | null
  readonly events: Events
  readonly live: Live
  readonly online: OnlineUsers
  /** What people are called. */
  readonly people: People
}

interface Deps {
  /** Of whom it names, the directory knows the names. */
  store: Store
  directory: Directory
  hub: Hub
  now: () => number
  rates: Rates
  maxReplay: number
  /** Whether what messages said before is kept. */
  messageRevisions: boolean
  /** The text of deleted messages is kept, for operators. */
  keepDeletedText: boolean
  /** Whether there is an index of words. */
  search: boolean
  /** For so many days messages are kept where their group says nothing; 0 is for ever. */
  messageRetentionDays: number
  /** People may be found by everybody; else only by those who share a group with them. */
  userSearch: boolean
  /** null: nobody is told by push messages. */
  push: PushOptions | null
  /** How many new rooms a user may make. */
  rateLimitRooms: Frequency
  onRoomsLimited?(): void
  /** How many bytes a user may upload in 24 hours. */
  uploadBytesPerDay: number
}

export function createChat(deps: Deps): Chat {
  const all = { ...deps, newId: createIds(deps.now) }
  const preferences = createPreferences(all)
  const retention = createRetention(all)
  return {
    groups: createGroups({ ...all, wantRetention: retention.want }),
    direct: createDirect(all),
    rooms: createRooms({ ...all, newRooms: deps.rateLimitRooms, onLimited: deps.onRoomsLimited }),
    members: createMembers({ ...all, leaveDirect: preferences.leave }),
    bans: createBans(all),
    messages: createMessages(all),
    replies: createReplies(all),
    revisions: createRevisions(all),
    reactions: createReactions(all),
    reads: createReads(all),
    pins: createPins(all),
    files: createFiles(all),
    invites: createInvites(all),
    preferences,
    reports: createReports(all),
    erasures: createErasures(all),
    exports: createExports(all),
    retention,
    profiles: createProfiles(all),
    blocks: createBlocks(all),
    avatars: createAvatars(all),
    audit: createAudit(all),
    devices: deps.push && createDevices({ ...all, ...deps.push }),
    search: deps.search ? createSearch(all) : null,
    events: createEvents(all),
    live: createLive(all),
    online: createOnlineUsers(all),
    people: deps.directory,
  }
}
