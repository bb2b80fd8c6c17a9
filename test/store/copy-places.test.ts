import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { Collection } from 'mongodb'
import type { NounCopies } from '../../src/store/copy/side.ts'
import type { AccountDoc, AttemptDoc, SessionDoc } from '../../src/store/mongo/account-documents.ts'
import {
  createNounCopies as createMongoCopies,
  notCopied as notCopiedFromMongo,
} from '../../src/store/mongo/copy/nouns.ts'
import type {
  ChangeDoc,
  GroupDoc,
  HeadDoc,
  MemberDoc,
  MessageDoc,
  PinsDoc,
  ReactionDoc,
  RosterDoc,
} from '../../src/store/mongo/documents.ts'
import { connect, defaultTimeouts } from '../../src/store/mongo/engine/connect.ts'
import type { FileDoc, UploadsDoc } from '../../src/store/mongo/file-documents.ts'
import type {
  AuditDoc,
  AvatarDoc,
  BanDoc,
  BlockDoc,
  ConsumedDoc,
  DeviceDoc,
  ErasureDoc,
  InviteDoc,
  LetterDoc,
  NameDoc,
  PreferenceDoc,
  ProfileDoc,
  ReportDoc,
  RevisionDoc,
  TotalsDoc,
} from '../../src/store/mongo/own-documents.ts'
import type { ReadDoc } from '../../src/store/mongo/read-documents.ts'
import { createNounCopies as createSqliteCopies, notCopied } from '../../src/store/sqlite/copy/nouns.ts'
import { databaseFile, openForWriting } from '../../src/store/sqlite/engine/file.ts'
import { temporaryFolder } from '../support/process.ts'

/** What is kept has to be copied, or made anew. Whoever adds a place for it finds here that the copy has to know of it. */
const advice = 'Say in src/store/sqlite/copy and src/store/mongo/copy how it is copied, then add it here.'

/** The columns of all tables that are copied. */
const columns: Record<string, string> = {
  groups:
    'id name description created_at updated_at seq rev deleted heat active_at member_count moved read_base number kind visibility ' +
    'post_policy metadata avatar_url retention_days owner_ids cleared_seq',
  tally: 'hour groups_made groups_gone messages_sent messages_gone messages_deleted',
  members: 'group_id user_id position group_created_at role joined_at read_seq read_at',
  messages:
    'group_id seq id sender_id content created_at updated_at is_deleted ver client_id send_hash reactions_rev pinned_at pin_rev ' +
    'deleted_by edited_at mentions mention_all metadata reply_to thread_id reply_count attachments',
  changes: 'group_id rev type seq deleted at message_id message_seq ver data',
  reactions: 'message_id user_id emoji group_id rev',
  pins: 'group_id rev message_id',
  mutes: 'group_id user_id until',
  bans: 'group_id user_id reason until created_at created_by',
  revisions: 'message_id ver group_id content replaced_at',
  invites: 'code group_id created_by by_operator created_at expires_at max_uses uses',
  names: 'name incarnation group_id',
  preferences: 'user_id group_id notify pinned hidden',
  deleted_texts: 'message_id group_id at content',
  consumed: 'consumer group_id seq rev',
  audit: 'n at action by_user user_id in_group message_id detail',
  blocks: 'user_id blocked_id created_at',
  avatars: 'group_id user_id sha256 type bytes',
  devices: 'endpoint user_id session_id p256dh auth created_at',
  letters: 'id group_id type log seq rev at nth attempts since failure due_at',
  erasures: 'key alias counts is_refused user_id by_user',
  reports:
    'id message_id group_id sender_id reporter_id reason created_at status note decided_by decided_at is_told',
  profiles:
    'id number username name_key display_name email email_key avatar_url created_at last_seen_at origin claimed_name claimed_at',
  profile_terms: 'term id',
  accounts: 'id password_hash password_ver disabled created_at updated_at',
  sessions: 'id user_id count hash next_hash created_at refreshed_at expires_at ended_at why known_until',
  attempts: 'key at until',
  remembered: 'key until',
  files: 'id group_id name type size sha256 width height created_at uploaded_by message_id hidden gone',
  uploads: 'user_id hour bytes',
}

/** What becomes of each field of a document; TypeScript names those that are missing. `mark`: it is settled before a copy. */
type Fates<Doc> = Record<keyof Doc, 'copied' | 'made' | 'mark'>
const fields: {
  groups: Fates<GroupDoc>
  messages: Fates<MessageDoc>
  reactions: Fates<ReactionDoc>
  pins: Fates<PinsDoc>
  revisions: Fates<RevisionDoc>
  reads: Fates<ReadDoc>
  files: Fates<FileDoc>
  uploads: Fates<UploadsDoc>
  changes: Fates<ChangeDoc>
  heads: Fates<HeadDoc>
  members: Fates<MemberDoc>
  bans: Fates<BanDoc>
  invites: Fates<InviteDoc>
  names: Fates<NameDoc>
  preferences: Fates<PreferenceDoc>
  profiles: Fates<ProfileDoc>
  letters: Fates<LetterDoc>
  devices: Fates<DeviceDoc>
  reports: Fates<ReportDoc>
  blocks: Fates<BlockDoc>
  avatars: Fates<AvatarDoc>
  erasures: Fates<ErasureDoc>
  rosters: Fates<RosterDoc>
  audit: Fates<AuditDoc>
  consumed: Fates<ConsumedDoc>
  tally: Fates<TotalsDoc>
  accounts: Fates<AccountDoc>
  sessions: Fates<SessionDoc>
  attempts: Fates<AttemptDoc>
} = {
  groups: {
    _id: 'copied',
    name: 'copied',
    description: 'copied',
    authorized_user_ids: 'copied',
    created_at: 'copied',
    updated_at: 'copied',
    owner_id: 'copied',
    owner_ids: 'copied',
    number: 'copied',
    kind: 'copied',
    visibility: 'copied',
    post_policy: 'copied',
    metadata: 'copied',
    avatar_url: 'copied',
    retention_days: 'copied',
    ver: 'made',
    logged_user_ids: 'made',
    unlogged: 'mark',
    log_start: 'made',
    shown: 'made',
  },
  messages: {
    _id: 'copied',
    group_id: 'copied',
    sender_id: 'copied',
    content: 'copied',
    created_at: 'copied',
    updated_at: 'copied',
    is_deleted: 'copied',
    seq: 'copied',
    slot: 'made',
    ver: 'copied',
    client_id: 'copied',
    send_hash: 'copied',
    edited_at: 'copied',
    reply_to: 'copied',
    thread_id: 'copied',
    thread_slot: 'made',
    reply_count: 'copied',
    counted: 'made',
    is_counted: 'made',
    count_mark: 'mark',
    mentions: 'copied',
    mention_all: 'copied',
    mentioned: 'made',
    unmentioned: 'mark',
    metadata: 'copied',
    attachments: 'copied',
    unlogged: 'mark',
    unlogged_id: 'mark',
    unlogged_deed: 'mark',
    has_reactions: 'made',
    reactions_rev: 'copied',
    kept_since: 'copied',
    restores: 'mark',
    is_removed: 'mark',
    deleted_by: 'copied',
    was_pinned: 'made',
    pin_rev: 'copied',
    deleted_place: 'made',
  },
  reactions: {
    _id: 'made',
    group_id: 'copied',
    message_id: 'copied',
    message_seq: 'copied',
    emoji: 'copied',
    user_id: 'copied',
    is_there: 'mark',
    last: 'made',
    at: 'made',
    rev: 'copied',
    unlogged: 'mark',
  },
  pins: {
    _id: 'copied',
    ver: 'made',
    pinned: 'copied',
    unlogged: 'mark',
  },
  revisions: {
    _id: 'made',
    message_id: 'copied',
    group_id: 'copied',
    ver: 'copied',
    content: 'copied',
    at: 'copied',
    is_sure: 'made',
  },
  reads: {
    _id: 'made',
    group_id: 'copied',
    user_id: 'copied',
    mark: 'copied',
  },
  files: {
    _id: 'copied',
    group_id: 'copied',
    unsent_since: 'made',
    message_id: 'copied',
    reserved_at: 'mark',
    hidden: 'copied',
    gone: 'mark',
    name: 'copied',
    type: 'copied',
    size: 'copied',
    sha256: 'copied',
    width: 'copied',
    height: 'copied',
    created_at: 'copied',
    uploaded_by: 'copied',
  },
  uploads: {
    _id: 'copied',
    ver: 'made',
    hours: 'copied',
    at: 'made',
  },
  changes: {
    _id: 'made',
    group_id: 'copied',
    rev: 'copied',
    slot: 'made',
    type: 'copied',
    seq: 'copied',
    deleted: 'copied',
    at: 'copied',
    message_id: 'copied',
    message_seq: 'copied',
    ver: 'copied',
    data: 'copied',
    user_id: 'made',
  },
  heads: {
    _id: 'copied',
    seq: 'copied',
    changes: 'copied',
    last: 'copied',
    moved: 'made',
    cleared: 'copied',
  },
  members: {
    _id: 'made',
    group_id: 'copied',
    user_id: 'copied',
    joined: 'copied',
    given: 'copied',
    muted: 'copied',
  },
  bans: {
    _id: 'made',
    group_id: 'copied',
    user_id: 'copied',
    ban: 'copied',
  },
  invites: {
    _id: 'copied',
    group_id: 'copied',
    created_by: 'copied',
    by_operator: 'copied',
    created_at: 'copied',
    expires_at: 'copied',
    max_uses: 'copied',
    uses: 'copied',
    left: 'made',
    taken: 'mark',
  },
  names: {
    _id: 'copied',
    incarnation: 'copied',
    group_id: 'copied',
  },
  preferences: {
    _id: 'made',
    group_id: 'copied',
    user_id: 'copied',
    notify: 'copied',
    pinned: 'copied',
    hidden_up_to: 'copied',
  },
  profiles: {
    _id: 'copied',
    number: 'copied',
    username: 'copied',
    name_key: 'made',
    display_name: 'copied',
    email: 'copied',
    email_key: 'made',
    avatar_url: 'copied',
    created_at: 'copied',
    last_seen_at: 'copied',
    origin: 'copied',
    claimed_name: 'copied',
    claimed_at: 'copied',
    terms: 'made',
    changed: 'made',
  },
  blocks: { _id: 'made', user_id: 'copied', blocked_id: 'copied', created_at: 'copied' },
  avatars: {
    _id: 'made',
    sha256: 'copied',
    user_id: 'copied',
    group_id: 'copied',
    type: 'copied',
    bytes: 'copied',
  },
  erasures: {
    _id: 'copied',
    alias: 'copied',
    counts: 'copied',
    is_refused: 'copied',
    user_id: 'copied',
    by: 'copied',
    changed: 'made',
  },
  devices: {
    _id: 'copied',
    user_id: 'copied',
    session_id: 'copied',
    p256dh: 'copied',
    auth: 'copied',
    created_at: 'copied',
  },
  letters: {
    _id: 'copied',
    group_id: 'copied',
    type: 'copied',
    entry: 'copied',
    at: 'copied',
    nth: 'copied',
    attempts: 'copied',
    since: 'copied',
    failure: 'copied',
    due_at: 'copied',
  },
  reports: {
    _id: 'copied',
    message_id: 'copied',
    group_id: 'copied',
    sender_id: 'copied',
    reporter_id: 'copied',
    reason: 'copied',
    created_at: 'copied',
    status: 'copied',
    note: 'copied',
    decided_by: 'copied',
    decided_at: 'copied',
    is_untold: 'copied',
  },
  rosters: {
    _id: 'made',
    told: 'made',
    number: 'made',
    read_base: 'copied',
  },
  audit: {
    _id: 'made',
    action: 'copied',
    at: 'copied',
    by: 'copied',
    user_id: 'copied',
    group_id: 'copied',
    message_id: 'copied',
    detail: 'copied',
  },
  consumed: {
    _id: 'made',
    consumer: 'copied',
    group_id: 'copied',
    seq: 'copied',
    rev: 'copied',
  },
  tally: {
    _id: 'copied',
    deleted: 'made',
    groups: 'copied',
    messages: 'copied',
    files: 'made',
    file_bytes: 'made',
    heat: 'copied',
    at: 'copied',
  },
  accounts: {
    _id: 'copied',
    password_hash: 'copied',
    password_ver: 'copied',
    disabled: 'copied',
    created_at: 'copied',
    updated_at: 'copied',
  },
  sessions: {
    _id: 'copied',
    user_id: 'copied',
    count: 'copied',
    hash: 'copied',
    next_hash: 'copied',
    created_at: 'copied',
    refreshed_at: 'copied',
    expires_at: 'copied',
    ended_at: 'copied',
    why: 'copied',
    known_until: 'copied',
  },
  attempts: {
    _id: 'copied',
    times: 'copied',
    until: 'copied',
  },
}

const kept = (copies: NounCopies): string[] => [
  ...new Set(Object.values(copies).flatMap(({ keptIn }) => keptIn)),
]

test('each table of SQLite, and each column, has its place in a copy', () => {
  const folder = temporaryFolder()
  using _ = folder
  const db = openForWriting(databaseFile(folder.path))
  after(() => db.close())
  const tables = db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all()
    .map(({ name }) => String(name))
    // FTS5 has tables of its own under the one that is asked.
    .filter((name) => !/^search_words_/.test(name))
  const copied = kept(createSqliteCopies(db))
  assert.deepEqual(tables.toSorted(), [...copied, ...Object.keys(notCopied)].toSorted(), advice)

  const names = db.prepare('SELECT name FROM pragma_table_info(?)')
  const found = Object.fromEntries(
    copied.map((table) => [
      table,
      names
        .all(table)
        .map(({ name }) => name)
        .join(' '),
    ]),
  )
  assert.deepEqual(found, columns, advice)
})

test('each collection of MongoDB, and each field, has its place in a copy', async () => {
  const connection = connect('mongodb://127.0.0.1:1', 'none', defaultTimeouts)
  after(() => connection.close())
  const collections = Object.values(connection)
    .filter((value) => value instanceof Collection)
    .map(({ collectionName }) => collectionName)
  const copied = kept(createMongoCopies(connection))
  assert.deepEqual(collections.toSorted(), [...copied, ...Object.keys(notCopiedFromMongo)].toSorted(), advice)
  assert.deepEqual(Object.keys(fields).toSorted(), copied.toSorted(), advice)
})
