import type { NounCopies } from '../../copy/side.ts'
import type { Connection } from '../engine/connect.ts'
import { createBanCopy, createInviteCopy, createNameCopy, createPreferenceCopy } from './about-groups.ts'
import {
  createLetterCopy,
  createPinCopy,
  createReactionCopy,
  createReportCopy,
  createRevisionCopy,
} from './about-messages.ts'
import { createFileCopy, createUploadCopy } from './files.ts'
import { createGroupCopy } from './groups.ts'
import { createMemberCopy, createMuteCopy } from './members.ts'
import { createMessageCopy } from './messages.ts'
import {
  createChangeCopy,
  createConsumerCopy,
  createPositionCopy,
  createSecretCopy,
  createSettingsCopy,
  createTotalsCopy,
} from './settings.ts'
import {
  createAccountCopy,
  createAttemptCopy,
  createAuditCopy,
  createAvatarCopy,
  createBlockCopy,
  createDeviceCopy,
  createErasureCopy,
  createProfileCopy,
  createRememberedCopy,
  createSessionCopy,
} from './users.ts'

export const createNounCopies = (connection: Connection): NounCopies => ({
  settings: createSettingsCopy(connection),
  secrets: createSecretCopy(connection),
  groups: createGroupCopy(connection),
  members: createMemberCopy(connection),
  mutes: createMuteCopy(connection),
  bans: createBanCopy(connection),
  messages: createMessageCopy(connection),
  changes: createChangeCopy(connection),
  reactions: createReactionCopy(connection),
  pins: createPinCopy(connection),
  revisions: createRevisionCopy(connection),
  invites: createInviteCopy(connection),
  names: createNameCopy(connection),
  preferences: createPreferenceCopy(connection),
  consumers: createConsumerCopy(connection),
  positions: createPositionCopy(connection),
  files: createFileCopy(connection),
  uploads: createUploadCopy(connection),
  letters: createLetterCopy(connection),
  devices: createDeviceCopy(connection),
  reports: createReportCopy(connection),
  profiles: createProfileCopy(connection),
  accounts: createAccountCopy(connection),
  sessions: createSessionCopy(connection),
  attempts: createAttemptCopy(connection),
  remembered: createRememberedCopy(connection),
  blocks: createBlockCopy(connection),
  avatars: createAvatarCopy(connection),
  erasures: createErasureCopy(connection),
  audit: createAuditCopy(connection),
  totals: createTotalsCopy(connection),
})

/** What has no noun, and why. */
export const notCopied: Readonly<Record<string, string>> = {
  search: 'The index is made anew.',
  signals: 'What instances tell each other counts for seconds.',
  meta: 'The nouns settings, secrets and consumers are in it, and what this store alone has to know.',
}
