import type { Store } from '../../../src/store/store.ts'
import { referenceAccounts } from './accounts.ts'
import { referenceAttempts } from './attempts.ts'
import { referenceAudit } from './audit.ts'
import { referenceAvatars } from './avatars.ts'
import { referenceBans } from './bans.ts'
import { referenceBlocks } from './blocks.ts'
import { referenceDevices } from './devices.ts'
import { referenceErasures } from './erasures.ts'
import { referenceExports } from './exports.ts'
import { referenceFeed } from './feed.ts'
import { referenceFiles } from './files.ts'
import { referenceGroups } from './groups.ts'
import { referenceInvites } from './invites.ts'
import { createContents } from './kept.ts'
import { referenceLetters } from './letters.ts'
import { referenceLog } from './log.ts'
import { referenceMembers } from './members.ts'
import { referenceMentions } from './mentions.ts'
import { referenceMessages } from './messages.ts'
import { referenceNames } from './names.ts'
import { referencePins } from './pins.ts'
import { referencePreferences } from './preferences.ts'
import { referenceProfiles } from './profiles.ts'
import { referenceReactions } from './reactions.ts'
import { referenceReads } from './reads.ts'
import { referenceReports } from './reports.ts'
import { referenceRetention } from './retention.ts'
import { referenceRevisions } from './revisions.ts'
import { referenceSearch } from './search.ts'

/** The nouns that the reference store has. Figures are estimates, so nobody compares them. */
export type ReferenceStore = Pick<
  Store,
  | 'groups'
  | 'members'
  | 'bans'
  | 'messages'
  | 'mentions'
  | 'revisions'
  | 'reactions'
  | 'pins'
  | 'reads'
  | 'erasures'
  | 'exports'
  | 'reports'
  | 'retention'
  | 'audit'
  | 'files'
  | 'log'
  | 'feed'
  | 'search'
  | 'letters'
  | 'devices'
  | 'invites'
  | 'names'
  | 'preferences'
  | 'profiles'
  | 'blocks'
  | 'avatars'
  | 'accounts'
  | 'sessions'
  | 'attempts'
>

/**
 * The Store's promises in their simplest form: arrays in memory, one call after the other. Stores are compared with it.
 */
export function createReferenceStore(): ReferenceStore {
  const contents = createContents()
  const profiles = referenceProfiles()
  const members = referenceMembers(contents, profiles)
  return {
    groups: referenceGroups(contents),
    members,
    bans: referenceBans(contents),
    messages: referenceMessages(contents),
    mentions: referenceMentions(contents),
    revisions: referenceRevisions(contents),
    reactions: referenceReactions(contents),
    pins: referencePins(contents),
    reads: referenceReads(contents),
    files: referenceFiles(contents),
    invites: referenceInvites(contents, members),
    names: referenceNames(contents),
    preferences: referencePreferences(contents),
    erasures: referenceErasures(contents),
    exports: referenceExports(contents),
    reports: referenceReports(contents),
    retention: referenceRetention(contents),
    audit: referenceAudit(contents),
    profiles,
    blocks: referenceBlocks(contents),
    avatars: referenceAvatars(contents),
    ...referenceAccounts(),
    attempts: referenceAttempts(),
    log: referenceLog(contents),
    feed: referenceFeed(contents),
    search: referenceSearch(contents),
    letters: referenceLetters(),
    devices: referenceDevices(),
  }
}
