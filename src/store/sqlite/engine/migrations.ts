import type { DatabaseSync } from 'node:sqlite'
import { StartError } from '../../start-error.ts'
import { laterMigrations } from './later-migrations.ts'

/**
 * Entry n brings a file from user_version n to n + 1. Never change one that was released: add another.
 *
 * `groups` holds only living groups, so a deleted one is invisible at once. `purge` names the groups whose members,
 * messages and changes still have to be removed. It also names, as drafts, large groups that are being made: they are
 * removed as well if they are never finished. `seq`, `rev` and `deleted` are kept on the group and the totals in
 * `tally`, so that nothing ever counts a table; `heat` ranks groups by activity. Messages lie in the order of their
 * log, so that a page of history is a few neighbouring pages of the file.
 */
const migrations = [
  `CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

   CREATE TABLE groups (
     id TEXT PRIMARY KEY,
     name TEXT NOT NULL,
     description TEXT NOT NULL,
     owner_id TEXT,
     created_at INTEGER NOT NULL,
     updated_at INTEGER NOT NULL,
     seq INTEGER NOT NULL DEFAULT 0,
     rev INTEGER NOT NULL DEFAULT 0,
     deleted INTEGER NOT NULL DEFAULT 0,
     heat REAL NOT NULL DEFAULT 0,
     active_at INTEGER NOT NULL DEFAULT 0
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX groups_by_heat ON groups (heat);

   CREATE TABLE tally (
     hour INTEGER PRIMARY KEY,
     groups_made INTEGER NOT NULL,
     groups_gone INTEGER NOT NULL,
     messages_sent INTEGER NOT NULL,
     messages_gone INTEGER NOT NULL,
     messages_deleted INTEGER NOT NULL
   ) STRICT;
   INSERT INTO tally VALUES (0, 0, 0, 0, 0, 0);

   CREATE TABLE members (
     group_id TEXT NOT NULL,
     user_id TEXT NOT NULL,
     position INTEGER NOT NULL,
     group_created_at INTEGER NOT NULL,
     PRIMARY KEY (group_id, user_id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX members_of_user ON members (user_id, group_created_at, group_id);

   CREATE TABLE messages (
     group_id TEXT NOT NULL,
     seq INTEGER NOT NULL,
     id TEXT NOT NULL UNIQUE,
     sender_id TEXT NOT NULL,
     content TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     updated_at INTEGER NOT NULL,
     is_deleted INTEGER NOT NULL DEFAULT 0,
     ver INTEGER NOT NULL DEFAULT 1,
     client_id TEXT,
     send_hash TEXT,
     PRIMARY KEY (group_id, seq)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX messages_shown ON messages (group_id, seq) WHERE is_deleted = 0;

   CREATE TABLE changes (
     group_id TEXT NOT NULL,
     rev INTEGER NOT NULL,
     type TEXT NOT NULL,
     seq INTEGER NOT NULL,
     deleted INTEGER NOT NULL,
     at INTEGER NOT NULL,
     message_id TEXT,
     message_seq INTEGER,
     ver INTEGER,
     user_id TEXT,
     PRIMARY KEY (group_id, rev)
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE purge (group_id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;`,

  // With these a list of groups costs the same with 10 and with 10,000 members.
  `ALTER TABLE groups ADD COLUMN member_count INTEGER NOT NULL DEFAULT 0;
   UPDATE groups SET member_count = (SELECT count(*) FROM members WHERE group_id = groups.id);
   CREATE INDEX members_in_order ON members (group_id, position, user_id);`,

  // What an entry says beside its message is data, whatever its type.
  `ALTER TABLE changes RENAME COLUMN user_id TO data;
   UPDATE changes SET data = json_object('user_id', data) WHERE data IS NOT NULL;`,
  'ALTER TABLE purge ADD COLUMN is_draft INTEGER NOT NULL DEFAULT 0',

  // The role of a member and the time of joining, which is null for those who came before it was recorded.
  `ALTER TABLE members ADD COLUMN role TEXT NOT NULL DEFAULT 'member';
   ALTER TABLE members ADD COLUMN joined_at INTEGER;
   UPDATE members SET role = 'owner'
   WHERE (group_id, user_id) IN (SELECT id, owner_id FROM groups WHERE owner_id IS NOT NULL);`,

  // The number of the last move of a group's logs. What moved before is numbered beside the service: backfills.ts.
  `ALTER TABLE groups ADD COLUMN moved INTEGER NOT NULL DEFAULT 0;
   CREATE INDEX groups_by_move ON groups (moved) WHERE moved > 0;`,

  // A reaction's `rev`, that of its entry in the log, gives the order. A message has that of the last change, or 0. How many
  // there are of each kind is kept, so that a page of messages counts none.
  `CREATE TABLE reactions (
     message_id TEXT NOT NULL,
     user_id TEXT NOT NULL,
     emoji TEXT NOT NULL,
     group_id TEXT NOT NULL,
     rev INTEGER NOT NULL,
     PRIMARY KEY (message_id, user_id, emoji)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX reactions_in_order ON reactions (message_id, rev);
   CREATE INDEX reactions_by_kind ON reactions (message_id, emoji, rev);
   CREATE INDEX reactions_of_group ON reactions (group_id);

   CREATE TABLE reaction_kinds (
     message_id TEXT NOT NULL,
     emoji TEXT NOT NULL,
     count INTEGER NOT NULL,
     PRIMARY KEY (message_id, emoji)
   ) STRICT, WITHOUT ROWID;
   CREATE TRIGGER reaction_came AFTER INSERT ON reactions BEGIN
     INSERT INTO reaction_kinds VALUES (new.message_id, new.emoji, 1)
     ON CONFLICT DO UPDATE SET count = count + 1;
   END;
   CREATE TRIGGER reaction_went AFTER DELETE ON reactions BEGIN
     UPDATE reaction_kinds SET count = count - 1 WHERE message_id = old.message_id AND emoji = old.emoji;
     DELETE FROM reaction_kinds WHERE message_id = old.message_id AND emoji = old.emoji AND count = 0;
   END;
   ALTER TABLE messages ADD COLUMN reactions_rev INTEGER NOT NULL DEFAULT 0;`,

  // A pin's `rev`, that of its entry in the log, gives the order. A message has that of the last change of its pin, or 0.
  `CREATE TABLE pins (
     group_id TEXT NOT NULL,
     rev INTEGER NOT NULL,
     message_id TEXT NOT NULL UNIQUE,
     PRIMARY KEY (group_id, rev)
   ) STRICT, WITHOUT ROWID;
   ALTER TABLE messages ADD COLUMN pinned_at INTEGER;
   ALTER TABLE messages ADD COLUMN pin_rev INTEGER NOT NULL DEFAULT 0;
   CREATE TRIGGER pin_of_deleted AFTER UPDATE OF is_deleted ON messages
   WHEN new.is_deleted = 1 AND new.pinned_at IS NOT NULL BEGIN
     DELETE FROM pins WHERE message_id = new.id;
     UPDATE messages SET pinned_at = NULL WHERE id = new.id;
   END;`,

  // Who deleted a message; null where nobody did, or before it was recorded.
  'ALTER TABLE messages ADD COLUMN deleted_by TEXT',

  // Who is mentioned by which message: a row for each, or one without a user for all. The sender is nobody's mention. What an edit, a
  // deletion or its taking back changes in a message changes them as well, so that mentions are counted without reading messages.
  `ALTER TABLE messages ADD COLUMN edited_at INTEGER;
   ALTER TABLE messages ADD COLUMN mentions TEXT;
   ALTER TABLE messages ADD COLUMN mention_all INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE messages ADD COLUMN metadata TEXT;

   CREATE TABLE mentions (
     group_id TEXT NOT NULL,
     user_id TEXT NOT NULL,
     seq INTEGER NOT NULL,
     sender_id TEXT NOT NULL,
     PRIMARY KEY (group_id, user_id, seq)
   ) STRICT, WITHOUT ROWID;
   CREATE VIEW mentioned (group_id, user_id, seq, sender_id) AS
     SELECT group_id, '', seq, sender_id FROM messages WHERE mention_all = 1 AND is_deleted = 0
     UNION ALL
     SELECT group_id, value, seq, sender_id FROM messages, json_each(mentions)
     WHERE mention_all = 0 AND is_deleted = 0 AND value <> sender_id;
   CREATE TRIGGER mentions_came AFTER INSERT ON messages WHEN new.mentions IS NOT NULL OR new.mention_all = 1 BEGIN
     INSERT OR IGNORE INTO mentions SELECT * FROM mentioned WHERE group_id = new.group_id AND seq = new.seq;
   END;
   CREATE TRIGGER mentions_changed AFTER UPDATE OF mentions, mention_all, is_deleted ON messages
   WHEN old.mentions IS NOT new.mentions OR old.mention_all <> new.mention_all
     OR (old.is_deleted <> new.is_deleted AND (new.mentions IS NOT NULL OR new.mention_all = 1)) BEGIN
     DELETE FROM mentions WHERE group_id = old.group_id AND seq = old.seq
       AND user_id IN (SELECT '' UNION ALL SELECT value FROM json_each(old.mentions));
     INSERT OR IGNORE INTO mentions SELECT * FROM mentioned WHERE group_id = new.group_id AND seq = new.seq;
   END;
   CREATE TRIGGER mentions_went AFTER DELETE ON messages WHEN old.mentions IS NOT NULL OR old.mention_all = 1 BEGIN
     DELETE FROM mentions WHERE group_id = old.group_id AND seq = old.seq
       AND user_id IN (SELECT '' UNION ALL SELECT value FROM json_each(old.mentions));
   END;`,

  // How far members have read; `read_at` is null for those who never said so. Who joins has read all, and what was there before this
  // counts as read by all (`read_base`). How many messages are deleted is kept for each 100 of a group's numbers, so that unread ones
  // are a subtraction; no unread message is older than this, so the older ones need no counting.
  `ALTER TABLE members ADD COLUMN read_seq INTEGER NOT NULL DEFAULT 0;
   ALTER TABLE members ADD COLUMN read_at INTEGER;
   CREATE INDEX members_by_read ON members (group_id, read_seq DESC, read_at, user_id) WHERE read_at IS NOT NULL;
   ALTER TABLE groups ADD COLUMN read_base INTEGER NOT NULL DEFAULT 0;
   UPDATE groups SET read_base = seq WHERE seq > 0;
   CREATE TRIGGER member_has_read AFTER INSERT ON members
   WHEN (SELECT seq FROM groups WHERE id = new.group_id) > 0 BEGIN
     UPDATE members SET read_seq = (SELECT seq FROM groups WHERE id = new.group_id)
     WHERE group_id = new.group_id AND user_id = new.user_id;
   END;

   CREATE TABLE deletions (
     group_id TEXT NOT NULL,
     hundred INTEGER NOT NULL,
     count INTEGER NOT NULL,
     PRIMARY KEY (group_id, hundred)
   ) STRICT, WITHOUT ROWID;
   CREATE TRIGGER message_deletions AFTER UPDATE OF is_deleted ON messages WHEN old.is_deleted <> new.is_deleted BEGIN
     INSERT INTO deletions VALUES (new.group_id, new.seq / 100, new.is_deleted - old.is_deleted)
     ON CONFLICT DO UPDATE SET count = count + excluded.count;
   END;`,

  // A message has the number of its answers that are not deleted, so that a page counts none.
  `ALTER TABLE messages ADD COLUMN reply_to TEXT;
   ALTER TABLE messages ADD COLUMN thread_id TEXT;
   ALTER TABLE messages ADD COLUMN reply_count INTEGER NOT NULL DEFAULT 0;
   CREATE INDEX messages_roots ON messages (group_id, seq) WHERE is_deleted = 0 AND reply_to IS NULL;
   CREATE INDEX messages_replies ON messages (reply_to, seq) WHERE is_deleted = 0 AND reply_to IS NOT NULL;
   CREATE INDEX messages_in_thread ON messages (thread_id, seq) WHERE is_deleted = 0 AND thread_id IS NOT NULL;
   CREATE TRIGGER reply_came AFTER INSERT ON messages WHEN new.reply_to IS NOT NULL BEGIN
     UPDATE messages SET reply_count = reply_count + 1 WHERE id = new.reply_to;
   END;
   CREATE TRIGGER reply_changed AFTER UPDATE OF is_deleted ON messages
   WHEN new.reply_to IS NOT NULL AND new.is_deleted <> old.is_deleted BEGIN
     UPDATE messages SET reply_count = reply_count + old.is_deleted - new.is_deleted WHERE id = new.reply_to;
   END;`,

  // A group has several owners, whose rows in members say so too. Groups of before are numbered beside the service: backfills.ts.
  // A mute outlives the membership, and a ban needs none.
  `ALTER TABLE groups ADD COLUMN number INTEGER;
   ALTER TABLE groups ADD COLUMN kind TEXT NOT NULL DEFAULT 'group';
   ALTER TABLE groups ADD COLUMN visibility TEXT NOT NULL DEFAULT 'private';
   ALTER TABLE groups ADD COLUMN post_policy TEXT NOT NULL DEFAULT 'everyone';
   ALTER TABLE groups ADD COLUMN metadata TEXT;
   ALTER TABLE groups ADD COLUMN avatar_url TEXT;
   ALTER TABLE groups ADD COLUMN retention_days INTEGER;
   ALTER TABLE groups ADD COLUMN owner_ids TEXT;
   UPDATE groups SET owner_ids = json_array(owner_id) WHERE owner_id IS NOT NULL;
   ALTER TABLE groups DROP COLUMN owner_id;
   CREATE UNIQUE INDEX groups_by_number ON groups (number) WHERE number IS NOT NULL;
   CREATE INDEX members_by_role ON members (group_id, role, position, user_id);

   CREATE TABLE mutes (
     group_id TEXT NOT NULL,
     user_id TEXT NOT NULL,
     until INTEGER NOT NULL,
     PRIMARY KEY (group_id, user_id)
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE bans (
     group_id TEXT NOT NULL,
     user_id TEXT NOT NULL,
     reason TEXT NOT NULL,
     until INTEGER,
     created_at INTEGER NOT NULL,
     created_by TEXT NOT NULL,
     PRIMARY KEY (group_id, user_id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX bans_in_order ON bans (group_id, created_at, user_id);`,

  // What messages said before they were edited. It goes with the text of a deleted message.
  `CREATE TABLE revisions (
     message_id TEXT NOT NULL,
     ver INTEGER NOT NULL,
     group_id TEXT NOT NULL,
     content TEXT NOT NULL,
     replaced_at INTEGER NOT NULL,
     PRIMARY KEY (message_id, ver)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX revisions_of_group ON revisions (group_id);
   CREATE TRIGGER revisions_wiped AFTER UPDATE OF content ON messages WHEN new.is_deleted = 1 AND new.content = '' BEGIN
     DELETE FROM revisions WHERE message_id = new.id;
   END;`,

  ...laterMigrations,
]

/** Brings the file to the present schema, each step whole or not at all. Throws StartError. */
export function migrate(db: DatabaseSync): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version)
  if (version > migrations.length)
    throw new StartError(
      `it was written by a newer chat-api (schema ${version}; this one knows ${migrations.length}). ` +
        'Start that version, or restore a backup that was made before the upgrade.',
    )
  if (version === 0 && db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get())
    throw new StartError('it is the database of another program. Set DATA_DIR to a folder of its own.')

  for (const [index, migration] of migrations.slice(version).entries())
    db.exec(`BEGIN IMMEDIATE; ${migration}; PRAGMA user_version = ${version + index + 1}; COMMIT`)
}
