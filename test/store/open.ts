import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSqliteStore, type SqliteOptions, type SqliteStore } from '../../src/store/sqlite/store.ts'
import type { Store } from '../../src/store/store.ts'
import type { OpenedStore } from '../contracts/store.ts'
import { temporaryFolder } from '../support/process.ts'
import { mostMembers } from '../support/samples.ts'
import { writerFile } from '../support/writer-file.ts'

export const tempFolder = (): string => temporaryFolder().path

/** Opens a store that must never fail, unless told what to do then. */
export const openIn = (dataDir: string, over: Partial<SqliteOptions> = {}): Promise<SqliteStore> =>
  openSqliteStore({
    dataDir,
    newEpoch: () => randomBytes(8).toString('hex'),
    onFatal: (error) => assert.fail(error),
    ...over,
    writerFile: over.writerFile ?? writerFile(),
  })

/** An empty store in a folder of its own, for the contract suite. */
export async function openEmpty(over: Partial<SqliteOptions> = {}): Promise<OpenedStore> {
  const dataDir = tempFolder()
  const open = () => openIn(dataDir, { maxGroupMembers: mostMembers, ...over })
  let store = await open()
  return {
    store,
    async reopen() {
      await store.close()
      store = await open()
      return store
    },
    async close() {
      await store.close()
      rmSync(dataDir, { recursive: true })
    },
  }
}

/** A store in a folder of its own, which goes when the store is disposed of. */
export async function temporaryStore(): Promise<{ store: Store; [Symbol.asyncDispose](): Promise<void> }> {
  const { store, close } = await openEmpty()
  return { store, [Symbol.asyncDispose]: close }
}

/** A connection like an operator's, beside the store, and how many rows a group still has, in all tables that name groups. */
export function outsider(dataDir: string) {
  // The store may write at the same moment, so this one waits for its turn.
  const db = new DatabaseSync(join(dataDir, 'chat.db'), { timeout: 5_000 })
  const found = db.prepare(
    `SELECT t.name FROM sqlite_schema t JOIN pragma_table_info(t.name) c ON c.name = 'group_id' WHERE t.type = 'table'`,
  )
  const tables = found.all().map(({ name }) => String(name))
  const rows = (groupId: string) =>
    tables.reduce((sum, table) => {
      const count = db.prepare(`SELECT count(*) AS rows FROM ${table} WHERE group_id = ?`).get(groupId)
      return sum + Number(count?.rows)
    }, 0)
  return { db, tables, rows }
}
