import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { columns, flag, optional, query } from '../../src/store/sqlite/engine/columns.ts'

interface Thing {
  id: string
  isOn: boolean
  note?: string
  count: number | null
}

const thing = columns<Thing>({
  id: 'id',
  isOn: ['is_on', flag],
  note: ['a_note', optional()],
  count: 'count',
})

test('what is declared once is written and read back as it was', () => {
  using db = new DatabaseSync(':memory:')
  db.exec('CREATE TABLE things (count INTEGER, a_note TEXT, id TEXT, is_on INTEGER)')
  const insert = db.prepare(`INSERT INTO things ${thing.insert}`)
  const things: Thing[] = [
    { id: 'a', isOn: true, note: "it's `quoted` and \\ escaped", count: 1 },
    { id: 'b', isOn: false, count: null },
    { id: 'c', isOn: false, note: '', count: 0 },
  ]
  for (const one of things) insert.run(...thing.values(one))
  assert.deepEqual(query(db, `SELECT ${thing.list} FROM things ORDER BY id`, thing.of).all(), things)
})

test('an optional field is absent where its column is null', () => {
  assert.equal('note' in thing.of(['b', 0, null, null]), false)
})
