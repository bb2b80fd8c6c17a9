import type { DatabaseSync } from 'node:sqlite'
import { attemptRecord } from '../../copy/attempts.ts'
import type { Records } from '../../copy/records.ts'
import type { NounCopy } from '../../copy/side.ts'
import { account } from '../accounts.ts'
import { deed } from '../audit.ts'
import { columns, flag, query } from '../engine/columns.ts'
import { createProfileRows, profile } from '../profiles.ts'
import { declaredSession } from '../sessions.ts'
import { copyOfTable, pagesOf } from './table.ts'

const everywhere = 'true'

export function createProfileCopy(db: DatabaseSync): NounCopy<Records['profiles']> {
  const { put } = createProfileRows(db)
  return {
    keptIn: ['profiles', 'profile_terms'],
    dump: pagesOf<Records['profiles']>(db, {
      table: 'profiles',
      isLiving: everywhere,
      columns: profile,
      key: [['id', 'id']],
    }),
    fill(records) {
      for (const record of records) put(null, record)
    },
  }
}

export const createAccountCopy = (db: DatabaseSync): NounCopy<Records['accounts']> =>
  copyOfTable(db, { table: 'accounts', isLiving: everywhere, columns: account, key: [['id', 'id']] })

export const createSessionCopy = (db: DatabaseSync): NounCopy<Records['sessions']> =>
  copyOfTable(db, {
    table: 'sessions',
    isLiving: everywhere,
    columns: columns<Records['sessions']>({
      ...declaredSession,
      endedAt: 'ended_at',
      why: 'why',
      knownUntil: 'known_until',
    }),
    key: [['id', 'id']],
  })

export function createAttemptCopy(db: DatabaseSync): NounCopy<Records['attempts']> {
  const insert = db.prepare('INSERT INTO attempts (key, at, until) VALUES (?, ?, ?)')
  const times = query(
    db,
    'SELECT at, until FROM attempts WHERE key = ? ORDER BY at',
    ([at, until]: [number, number]) => ({ at, until }),
  )
  const keys = pagesOf<{ key: string }>(db, {
    table: '(SELECT DISTINCT key FROM attempts)',
    isLiving: everywhere,
    columns: columns<{ key: string }>({ key: 'key' }),
    key: [['key', 'key']],
  })
  return {
    keptIn: ['attempts'],
    *dump(after) {
      for (const { records, last } of keys(after))
        yield {
          records: records.flatMap(({ key }) => {
            const all = times.all(key)
            const until = Math.ceil(Math.max(...all.map((each) => each.until)))
            return attemptRecord(
              key,
              all.map(({ at }) => at),
              until,
            )
          }),
          last,
        }
    },
    fill(records) {
      for (const { key, times: all, until } of records) {
        const windowMs = until - (all.at(-1) ?? until)
        for (const at of all) insert.run(key, at, at + windowMs)
      }
    },
  }
}

export const createRememberedCopy = (db: DatabaseSync): NounCopy<Records['remembered']> =>
  copyOfTable(db, {
    table: 'remembered',
    isLiving: everywhere,
    columns: columns<Records['remembered']>({
      key: 'key',
      until: ['until', { encode: (until) => until, decode: (column) => `Math.ceil(${column})` }],
    }),
    key: [['key', 'key']],
  })

export function createErasureCopy(db: DatabaseSync): NounCopy<Records['erasures']> {
  return copyOfTable(db, {
    table: 'erasures',
    isLiving: everywhere,
    columns: columns<Records['erasures']>({
      key: 'key',
      alias: 'alias',
      counts: ['counts', { encode: JSON.stringify, decode: (column) => `JSON.parse(${column})` }],
      isRefused: ['is_refused', flag],
      userId: 'user_id',
      by: 'by_user',
    }),
    key: [['key', 'key']],
  })
}

export const createBlockCopy = (db: DatabaseSync): NounCopy<Records['blocks']> =>
  copyOfTable(db, {
    table: 'blocks',
    isLiving: everywhere,
    columns: columns<Records['blocks']>({
      userId: 'user_id',
      blockedId: 'blocked_id',
      createdAt: 'created_at',
    }),
    key: [
      ['user_id', 'userId'],
      ['blocked_id', 'blockedId'],
    ],
  })

/** Pictures may be large. */
const avatarsPerPage = 20

export const createAvatarCopy = (db: DatabaseSync): NounCopy<Records['avatars']> =>
  copyOfTable(db, {
    table: 'avatars',
    isLiving: "(group_id = '' OR EXISTS (SELECT 1 FROM groups WHERE id = avatars.group_id))",
    limit: avatarsPerPage,
    columns: columns<Records['avatars']>({
      groupId: 'group_id',
      userId: 'user_id',
      sha256: 'sha256',
      type: 'type',
      bytes: [
        'bytes',
        {
          encode: (bytes) => Buffer.from(bytes, 'base64'),
          decode: (column) => `Buffer.from(${column}).toString('base64')`,
        },
      ],
    }),
    key: [
      ['group_id', 'groupId'],
      ['user_id', 'userId'],
      ['sha256', 'sha256'],
    ],
  })

/** Entries get numbers anew, in their order. */
export function createAuditCopy(db: DatabaseSync): NounCopy<Records['audit']> {
  const insert = db.prepare(`INSERT INTO audit ${deed.insert}`)
  return {
    keptIn: ['audit'],
    dump: pagesOf<Records['audit']>(db, {
      table: 'audit',
      isLiving: everywhere,
      columns: {
        list: `${deed.list}, printf('%016d', n)`,
        of: (row) => ({ ...deed.of(row), key: String(row.at(-1)) }),
      },
      key: [['n', 'key']],
    }),
    fill(records) {
      for (const record of records) insert.run(...deed.values(record))
    },
  }
}
