import { searchTables } from '../search/tables.ts'

/** The last entries of migrations.ts, where all that is said of them there holds. */
export const laterMigrations = [
  // An invite is found by its code; of a group they are read in the order in which they were made.
  `CREATE TABLE invites (
     code TEXT PRIMARY KEY,
     group_id TEXT NOT NULL,
     created_by TEXT NOT NULL,
     by_operator INTEGER NOT NULL,
     created_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     max_uses INTEGER,
     uses INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX invites_of_group ON invites (group_id, created_at, code);`,

  // What ids of groups are made from. A name stays when its group is deleted, which it then counts.
  `CREATE TABLE names (name TEXT PRIMARY KEY, incarnation INTEGER NOT NULL, group_id TEXT) STRICT, WITHOUT ROWID;
   CREATE INDEX names_by_group ON names (group_id) WHERE group_id IS NOT NULL;`,

  // How members want to see their groups; notify is null while it depends on the kind of the group.
  `CREATE TABLE preferences (
     user_id TEXT NOT NULL,
     group_id TEXT NOT NULL,
     notify TEXT,
     pinned INTEGER NOT NULL,
     hidden INTEGER NOT NULL,
     PRIMARY KEY (user_id, group_id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX preferences_of_group ON preferences (group_id);`,

  // Lists of open groups are read in the order in which they were made.
  "CREATE INDEX groups_open ON groups (created_at, id) WHERE visibility = 'open'",

  // The kept texts of deleted messages, and with them what the messages said before. What was deleted before this was wiped at once.
  `DROP TRIGGER revisions_wiped;
   CREATE TABLE deleted_texts (
     message_id TEXT PRIMARY KEY,
     group_id TEXT NOT NULL,
     at INTEGER NOT NULL,
     content TEXT NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX deleted_texts_of_group ON deleted_texts (group_id);
   CREATE INDEX deleted_texts_by_time ON deleted_texts (at);`,

  // How far those who follow all logs have dealt with each group.
  `CREATE TABLE consumed (
     consumer TEXT NOT NULL,
     group_id TEXT NOT NULL,
     seq INTEGER NOT NULL,
     rev INTEGER NOT NULL,
     PRIMARY KEY (consumer, group_id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX consumed_of_group ON consumed (group_id);`,

  // What people did by their power over others. The group is in no column `group_id`, because entries outlive it.
  `CREATE TABLE audit (
     n INTEGER PRIMARY KEY AUTOINCREMENT,
     at INTEGER NOT NULL,
     action TEXT NOT NULL,
     by_user TEXT NOT NULL,
     user_id TEXT,
     in_group TEXT,
     message_id TEXT,
     detail TEXT
   ) STRICT;
   CREATE INDEX audit_by_time ON audit (at);
   CREATE INDEX audit_of_group ON audit (in_group, at);
   CREATE INDEX audit_by_user ON audit (by_user, at);
   CREATE INDEX audit_of_user ON audit (user_id, at);`,
  // Who users are. A stub's name takes nobody's, so it has no key, and only accounts have their addresses for themselves. The terms are
  // what people are found by.
  `CREATE TABLE profiles (
     id TEXT PRIMARY KEY,
     number INTEGER NOT NULL UNIQUE,
     username TEXT NOT NULL,
     name_key TEXT UNIQUE,
     display_name TEXT NOT NULL,
     email TEXT,
     email_key TEXT UNIQUE,
     avatar_url TEXT,
     created_at INTEGER NOT NULL,
     last_seen_at INTEGER,
     origin TEXT NOT NULL,
     claimed_name TEXT,
     claimed_at INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE profile_terms (term TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (term, id)) STRICT, WITHOUT ROWID;`,
  // What lets users log in, their logins, and how often somebody tried. What is past `known_until` or `until` may go.
  `CREATE TABLE accounts (
     id TEXT PRIMARY KEY,
     password_hash TEXT NOT NULL,
     password_ver INTEGER NOT NULL,
     disabled INTEGER NOT NULL,
     created_at INTEGER NOT NULL,
     updated_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;

   CREATE TABLE sessions (
     id TEXT PRIMARY KEY,
     user_id TEXT NOT NULL,
     count INTEGER NOT NULL,
     hash TEXT NOT NULL,
     next_hash TEXT,
     created_at INTEGER NOT NULL,
     refreshed_at INTEGER NOT NULL,
     expires_at INTEGER NOT NULL,
     ended_at INTEGER,
     why TEXT,
     known_until INTEGER NOT NULL DEFAULT 0
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX sessions_of_user ON sessions (user_id, refreshed_at) WHERE ended_at IS NULL;
   CREATE INDEX sessions_by_end ON sessions (ended_at, id) WHERE ended_at IS NOT NULL;
   CREATE INDEX sessions_by_time ON sessions (known_until);

   CREATE TABLE attempts (
     key TEXT NOT NULL,
     at REAL NOT NULL,
     until REAL NOT NULL,
     PRIMARY KEY (key, at)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX attempts_by_end ON attempts (until);
   CREATE TABLE remembered (key TEXT PRIMARY KEY, until REAL NOT NULL) STRICT, WITHOUT ROWID;
   CREATE INDEX remembered_by_end ON remembered (until);`,

  // Files: what has no message yet, what is hidden with its message, and what is gone, whose bytes are still to be removed. How many
  // there are is kept beside them, and how much each user uploaded in which hour.
  `ALTER TABLE messages ADD COLUMN attachments TEXT;
   CREATE TABLE files (
     id TEXT PRIMARY KEY,
     group_id TEXT NOT NULL,
     name TEXT NOT NULL,
     type TEXT NOT NULL,
     size INTEGER NOT NULL,
     sha256 TEXT NOT NULL,
     width INTEGER,
     height INTEGER,
     created_at INTEGER NOT NULL,
     uploaded_by TEXT NOT NULL,
     message_id TEXT,
     hidden INTEGER NOT NULL DEFAULT 0,
     gone INTEGER NOT NULL DEFAULT 0
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX files_shown ON files (group_id, created_at, id)
     WHERE message_id IS NOT NULL AND hidden = 0 AND gone = 0;
   CREATE INDEX files_of_group ON files (group_id) WHERE gone = 0;
   CREATE INDEX files_of_message ON files (message_id) WHERE message_id IS NOT NULL;
   CREATE INDEX files_of_user ON files (uploaded_by, id) WHERE gone = 0;
   CREATE INDEX files_unsent ON files (created_at) WHERE message_id IS NULL AND gone = 0;
   CREATE INDEX files_gone ON files (id) WHERE gone = 1;
   CREATE TRIGGER files_hidden AFTER UPDATE OF is_deleted ON messages
   WHEN new.is_deleted <> old.is_deleted AND new.attachments IS NOT NULL BEGIN
     UPDATE files SET hidden = new.is_deleted WHERE message_id = new.id;
   END;
   CREATE TABLE file_totals (files INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
   INSERT INTO file_totals VALUES (0, 0);
   CREATE TRIGGER file_came AFTER INSERT ON files BEGIN
     UPDATE file_totals SET files = files + 1, bytes = bytes + new.size;
   END;
   CREATE TRIGGER file_went AFTER DELETE ON files BEGIN
     UPDATE file_totals SET files = files - 1, bytes = bytes - old.size;
   END;
   CREATE TABLE uploads (
     user_id TEXT NOT NULL,
     hour INTEGER NOT NULL,
     bytes INTEGER NOT NULL,
     PRIMARY KEY (user_id, hour)
   ) STRICT, WITHOUT ROWID;`,
  // The words of all messages (search/tables.ts).
  searchTables,

  // All messages up to this one were older than they are kept, and are gone.
  'ALTER TABLE groups ADD COLUMN cleared_seq INTEGER NOT NULL DEFAULT 0',

  // What people say of messages to those who look after the service.
  `CREATE TABLE reports (
     id TEXT PRIMARY KEY,
     message_id TEXT NOT NULL,
     group_id TEXT NOT NULL,
     sender_id TEXT NOT NULL,
     reporter_id TEXT NOT NULL,
     reason TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     status TEXT NOT NULL,
     note TEXT NOT NULL,
     decided_by TEXT,
     decided_at INTEGER,
     is_told INTEGER NOT NULL DEFAULT 0
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX reports_by_time ON reports (created_at, id);
   CREATE INDEX reports_by_status ON reports (status, created_at, id);
   CREATE INDEX reports_of_group ON reports (group_id);
   CREATE INDEX reports_untold ON reports (created_at, id) WHERE is_told = 0;`,

  // Users of whom nothing is to be left, by digests of their ids, and what finds the traces of one.
  `CREATE TABLE erasures (
     key TEXT PRIMARY KEY,
     alias TEXT NOT NULL,
     counts TEXT NOT NULL,
     is_refused INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX messages_by_sender ON messages (sender_id, group_id, seq);
   CREATE INDEX messages_deleted_by ON messages (deleted_by) WHERE deleted_by IS NOT NULL;
   CREATE INDEX reactions_of_user ON reactions (user_id);`,
  // Whom users do not want to hear from. The pictures of users and groups lie by what they are; a row tells whose picture it is.
  `CREATE TABLE blocks (
     user_id TEXT NOT NULL,
     blocked_id TEXT NOT NULL,
     created_at INTEGER NOT NULL,
     PRIMARY KEY (user_id, blocked_id)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX blocks_of_blocked ON blocks (blocked_id);
   CREATE TABLE avatars (
     group_id TEXT NOT NULL,
     user_id TEXT NOT NULL,
     sha256 TEXT NOT NULL,
     type TEXT NOT NULL,
     bytes BLOB NOT NULL,
     PRIMARY KEY (group_id, user_id, sha256)
   ) STRICT;
   CREATE INDEX avatars_by_hash ON avatars (sha256);`,
  // What a receiver outside has to be told beside the logs; due_at is null for dead letters.
  `CREATE TABLE letters (
     id TEXT PRIMARY KEY,
     group_id TEXT NOT NULL,
     type TEXT NOT NULL,
     log TEXT,
     seq INTEGER,
     rev INTEGER,
     at INTEGER NOT NULL,
     nth INTEGER NOT NULL,
     attempts INTEGER NOT NULL,
     since INTEGER,
     failure TEXT,
     due_at INTEGER
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX letters_of_group ON letters (group_id, at, nth);
   CREATE INDEX letters_due ON letters (due_at, at);
   CREATE INDEX letters_by_time ON letters (at, nth);`,

  // The browsers that users are told by while they are away.
  `CREATE TABLE devices (
     endpoint TEXT PRIMARY KEY,
     user_id TEXT NOT NULL,
     session_id TEXT,
     p256dh TEXT NOT NULL,
     auth TEXT NOT NULL,
     created_at INTEGER NOT NULL
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX devices_of_user ON devices (user_id);`,

  // Whose erasure is not over yet, and who wants it.
  `ALTER TABLE erasures ADD COLUMN user_id TEXT;
   ALTER TABLE erasures ADD COLUMN by_user TEXT;
   CREATE INDEX erasures_unfinished ON erasures (user_id) WHERE user_id IS NOT NULL;`,

  // Finds whom deleted messages mention, which may come back.
  `CREATE INDEX messages_deleted_mentioning ON messages (group_id) WHERE is_deleted = 1 AND mentions IS NOT NULL;`,
]
