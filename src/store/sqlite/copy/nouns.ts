import type { DatabaseSync } from 'node:sqlite'
import type { Records } from '../../copy/records.ts'
import type { NounCopies } from '../../copy/side.ts'
import { declaredBan } from '../bans.ts'
import { change } from '../changes.ts'
import { device } from '../devices.ts'
import { columns, flag } from '../engine/columns.ts'
import { consumed } from '../feed.ts'
import { invite } from '../invites.ts'
import { preference } from '../preferences.ts'
import { declaredReport } from '../reports.ts'
import { createLetterCopy, createPinCopy, createReactionCopy, createRevisionCopy } from './about-messages.ts'
import { createFileCopy, createUploadCopy } from './files.ts'
import { createGroupCopy } from './groups.ts'
import { createMemberCopy, createMuteCopy } from './members.ts'
import { createMessageCopy } from './messages.ts'
import { createConsumerCopy, createSecretCopy, createSettingsCopy, createTotalsCopy } from './settings.ts'
import { copyOfTable } from './table.ts'
import {
  createAccountCopy,
  createAttemptCopy,
  createAuditCopy,
  createAvatarCopy,
  createBlockCopy,
  createErasureCopy,
  createProfileCopy,
  createRememberedCopy,
  createSessionCopy,
} from './users.ts'

/** How each noun is copied. Filling one is to be done inside a transaction. */
export const createNounCopies = (db: DatabaseSync): NounCopies => ({
  settings: createSettingsCopy(db),
  secrets: createSecretCopy(db),
  groups: createGroupCopy(db),
  members: createMemberCopy(db),
  mutes: createMuteCopy(db),
  bans: copyOfTable(db, {
    table: 'bans',
    columns: columns<Records['bans']>({ ...declaredBan, groupId: 'group_id' }),
    key: [
      ['group_id', 'groupId'],
      ['user_id', 'userId'],
    ],
  }),
  messages: createMessageCopy(db),
  changes: copyOfTable(db, {
    table: 'changes',
    columns: change,
    key: [
      ['group_id', 'groupId'],
      ['rev', 'rev'],
    ],
  }),
  reactions: createReactionCopy(db),
  pins: createPinCopy(db),
  revisions: createRevisionCopy(db),
  invites: copyOfTable(db, { table: 'invites', columns: invite, key: [['code', 'code']] }),
  names: copyOfTable(db, {
    table: 'names',
    isLiving: 'true',
    columns: columns<Records['names']>({ name: 'name', incarnation: 'incarnation', groupId: 'group_id' }),
    key: [['name', 'name']],
  }),
  preferences: copyOfTable(db, {
    table: 'preferences',
    columns: preference,
    key: [
      ['user_id', 'userId'],
      ['group_id', 'groupId'],
    ],
  }),
  consumers: createConsumerCopy(db),
  positions: copyOfTable(db, {
    table: 'consumed',
    columns: consumed,
    key: [
      ['consumer', 'consumer'],
      ['group_id', 'groupId'],
    ],
  }),
  files: createFileCopy(db),
  uploads: createUploadCopy(db),
  letters: createLetterCopy(db),
  devices: copyOfTable(db, {
    table: 'devices',
    isLiving: 'true',
    columns: device,
    key: [['endpoint', 'endpoint']],
  }),
  reports: copyOfTable(db, {
    table: 'reports',
    columns: columns<Records['reports']>({ ...declaredReport, isTold: ['is_told', flag] }),
    key: [['id', 'id']],
  }),
  profiles: createProfileCopy(db),
  accounts: createAccountCopy(db),
  sessions: createSessionCopy(db),
  attempts: createAttemptCopy(db),
  remembered: createRememberedCopy(db),
  blocks: createBlockCopy(db),
  avatars: createAvatarCopy(db),
  erasures: createErasureCopy(db),
  audit: createAuditCopy(db),
  totals: createTotalsCopy(db),
})

/** What has no noun, and why. */
export const notCopied: Readonly<Record<string, string>> = {
  purge: 'What deleted groups left behind goes, and is not copied.',
  file_totals: 'Triggers count them.',
  reaction_kinds: 'Triggers count them.',
  mentions: 'Triggers make them of the messages.',
  deletions: 'Triggers count them.',
  search_entries: 'The index is made anew.',
  search_words: 'The index is made anew.',
  meta: 'The nouns settings, secrets and consumers are in it, and what this store alone has to know.',
}
