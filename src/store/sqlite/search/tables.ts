/**
 * Each message's entry, and its terms under the same number. The index keeps no texts, and where in them the terms stand. It is in
 * many parts, which are put together step by step (entries.ts), because at once that would take as long as a hundred sends.
 */
export const searchTables = `
   CREATE TABLE search_entries (
     place INTEGER PRIMARY KEY,
     group_id TEXT NOT NULL,
     seq INTEGER NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX search_entries_of_group ON search_entries (group_id, seq);
   CREATE VIRTUAL TABLE search_words USING fts5(
     terms, content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '_'"
   );
   INSERT INTO search_words (search_words, rank) VALUES ('automerge', 0);
   INSERT INTO search_words (search_words, rank) VALUES ('crisismerge', 1999);
   INSERT INTO search_words (search_words, rank) VALUES ('usermerge', 8);
   CREATE TRIGGER search_entry_gone AFTER DELETE ON search_entries BEGIN
     DELETE FROM search_words WHERE rowid = old.place;
   END;`
