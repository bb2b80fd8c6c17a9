import type { DatabaseSync } from 'node:sqlite'
import type { Records } from '../../copy/records.ts'
import type { NounCopy } from '../../copy/side.ts'
import { firstText, query } from '../engine/columns.ts'

/** The records of the last numbers that were given. */
const groupNumbers = 'group_number'
const profileNumbers = 'profile_number'

export function createSettingsCopy(db: DatabaseSync): NounCopy<Records['settings']> {
  const value = query(db, 'SELECT value FROM meta WHERE key = ?', firstText)
  const set = db.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)')
  return {
    keptIn: [],
    *dump(after) {
      const epoch = value.get('epoch')
      if (after !== null || epoch === null) return
      const numberOf = (key: string) => Number(value.get(key) ?? 0)
      const numbers = { groupNumber: numberOf(groupNumbers), profileNumber: numberOf(profileNumbers) }
      yield { records: [{ epoch, ...numbers }], last: '' }
    },
    fill(records) {
      for (const { epoch, groupNumber, profileNumber } of records) {
        set.run('epoch', epoch)
        if (groupNumber > 0) set.run(groupNumbers, String(groupNumber))
        if (profileNumber > 0) set.run(profileNumbers, String(profileNumber))
      }
    },
  }
}

/** The hours of the tally: each row begins with the sums of the row before, and the first stands for all that was made before. */
export function createTotalsCopy(db: DatabaseSync): NounCopy<Records['totals']> {
  const made = query(
    db,
    `SELECT hour, groups_made - lag(groups_made, 1, 0) OVER rows, messages_sent - lag(messages_sent, 1, 0) OVER rows
     FROM tally WINDOW rows AS (ORDER BY hour)`,
    ([hour, groups, messages]: [number, number, number]) => ({ hour, groups, messages }),
  )
  const rest = db.prepare(
    `INSERT OR REPLACE INTO tally SELECT 0, count(*), 0, coalesce(sum(seq), 0), 0, coalesce(sum(deleted), 0) FROM groups`,
  )
  const insert = db.prepare(
    `INSERT INTO tally SELECT ?, groups_made, groups_gone, messages_sent, messages_gone, messages_deleted
     FROM tally WHERE hour = 0`,
  )
  const add = db.prepare(
    'UPDATE tally SET groups_made = groups_made + ?, messages_sent = messages_sent + ? WHERE hour >= ?',
  )
  const addBefore = db.prepare(
    'UPDATE tally SET groups_made = groups_made - ?1, messages_sent = messages_sent - ?2',
  )
  return {
    keptIn: ['tally'],
    *dump(after) {
      if (after !== null) return
      const records = made.all().filter(({ hour }) => hour > 0)
      yield { records, last: '' }
    },
    // All records come at once, for they are few.
    fill(records) {
      rest.run()
      for (const { hour } of records) insert.run(hour)
      for (const { hour, groups, messages } of records) {
        addBefore.run(groups, messages)
        add.run(groups, messages, hour)
      }
    },
  }
}

const prefix = 'feed:'

/** Consumers go on from the beginning of the feed, where each group is covered by its position. */
export function createConsumerCopy(db: DatabaseSync): NounCopy<Records['consumers']> {
  const all = query(
    db,
    `SELECT substr(key, ${prefix.length + 1}) FROM meta WHERE key >= '${prefix}' AND key < 'feed;' ORDER BY key`,
    ([consumer]: [string]) => ({ consumer }),
  )
  const begin = db.prepare("INSERT OR IGNORE INTO meta (key, value) VALUES (?, '0')")
  return {
    keptIn: [],
    *dump(after) {
      if (after === null) yield { records: all.all(), last: '' }
    },
    fill(records) {
      for (const { consumer } of records) begin.run(prefix + consumer)
    },
  }
}

const secretPrefix = 'secret:'

export function createSecretCopy(db: DatabaseSync): NounCopy<Records['secrets']> {
  const all = query(
    db,
    `SELECT substr(key, ${secretPrefix.length + 1}), value FROM meta
     WHERE key >= '${secretPrefix}' AND key < 'secret;' ORDER BY key`,
    ([name, value]: [string, string]) => ({ name, value }),
  )
  const keep = db.prepare('INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)')
  return {
    keptIn: [],
    *dump(after) {
      if (after === null) yield { records: all.all(), last: '' }
    },
    fill(records) {
      for (const { name, value } of records) keep.run(secretPrefix + name, value)
    },
  }
}
