import type { Accounts } from '../../chat/accounts.ts'
import type { Chat } from '../../chat/chat.ts'
import { groupPlaces } from '../../ws/words.ts'
import type { Api } from '../api.ts'
import { accountRoutes } from './accounts.ts'
import { auditRoute } from './audit.ts'
import { avatarRoutes } from './avatars.ts'
import { banRoutes } from './bans.ts'
import { blockRoutes } from './blocks.ts'
import { directRoutes } from './direct.ts'
import { exportRoutes } from './exports.ts'
import { fileRoutes } from './files.ts'
import { groupRoutes } from './groups.ts'
import { inviteRoutes } from './invites.ts'
import { memberRoutes } from './members.ts'
import { messageRoutes } from './messages.ts'
import { onlineRoute } from './online.ts'
import type { PageCache } from './page-cache.ts'
import { pinRoutes } from './pins.ts'
import { preferenceRoutes } from './preferences.ts'
import { profileRoutes } from './profiles.ts'
import { pushRoutes } from './push.ts'
import { reactionRoutes } from './reactions.ts'
import { readRoutes } from './reads.ts'
import { replyRoutes } from './replies.ts'
import { reportRoutes } from './reports.ts'
import { revisionRoute } from './revisions.ts'
import { searchRoute } from './search.ts'
import { userDutyRoutes } from './users.ts'
import { createWords } from './vocabulary.ts'

interface Deps {
  chat: Chat
  /** null: all users log in elsewhere. */
  accounts: Accounts | null
  /** What all paths begin with, for example `/api/chat`. */
  prefix: string
  /** The cache of pages of history; null for a store that others write to as well. */
  cache: PageCache | null
  /** The most bytes of one file; null: nobody uploads or reads files here. */
  maxFileBytes: number | null
}

/** The core's own API. */
export const createCoreApi = ({ chat, accounts, prefix, cache, maxFileBytes }: Deps): Api => ({
  routes: [
    ...groupRoutes(chat, prefix),
    ...directRoutes(chat, prefix),
    ...memberRoutes(chat, prefix),
    ...banRoutes(chat, prefix),
    ...messageRoutes(chat, prefix, cache),
    ...replyRoutes(chat, prefix),
    revisionRoute(chat.revisions, prefix),
    ...reactionRoutes(chat.reactions, prefix),
    ...readRoutes(chat, prefix),
    onlineRoute(chat, prefix),
    ...pinRoutes(chat, prefix),
    ...(maxFileBytes === null ? [] : fileRoutes({ chat, prefix, maxFileBytes })),
    ...inviteRoutes(chat, prefix),
    ...profileRoutes(chat.profiles, prefix),
    ...blockRoutes(chat, prefix),
    ...avatarRoutes(chat, prefix),
    ...preferenceRoutes(chat.preferences, prefix),
    ...(chat.devices ? pushRoutes(chat.devices, prefix) : []),
    ...reportRoutes(chat.reports, prefix),
    ...(accounts ? accountRoutes(accounts, prefix) : []),
    auditRoute(chat.audit, prefix),
    ...userDutyRoutes(chat, prefix),
    ...exportRoutes(chat.exports, prefix),
    ...(chat.search ? [searchRoute(chat.search, chat, prefix)] : []),
  ],
  places: groupPlaces(`${prefix}/ws`),
  words: createWords(prefix, chat.people.of),
})
