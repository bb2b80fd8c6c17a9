import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPeople } from '../../dashboard/chat/model/people.ts'
import type { Chat, Member } from '../../src/client/types.ts'
import { eventually } from '../support/eventually.ts'

const member = (id: string): Member => ({
  user_id: id,
  username: id,
  display_name: id.toUpperCase(),
  role: 'member',
  joined_at: '2026-01-01T00:00:00Z',
  muted_until: null,
})

const names = Array.from({ length: 250 }, (_, index) => `user${String(index).padStart(3, '0')}`)

function group({ isPrivate = true, online = [] as string[] } = {}) {
  const asked: unknown[] = []
  const chat = {
    groups: {
      async members(_: string, options: { after?: string; limit: number; q?: string }) {
        asked.push(options)
        const fitting = names.filter((name) => name.startsWith(options.q ?? ''))
        const first = options.after ? fitting.indexOf(options.after) + 1 : 0
        const page = fitting.slice(first, first + options.limit)
        return {
          members: page.map(member),
          next: first + page.length < fitting.length ? (page.at(-1) ?? null) : null,
        }
      },
      online: async () => ({ users: online.map(member) }),
    },
  }
  const people = createPeople({
    chat: chat as unknown as Chat,
    groupId: 'group',
    ownId: 'user000',
    ownName: () => 'user000',
    isPrivate: () => isPrivate,
    clock: {
      now: Date.now,
      after(ms, run) {
        const timer = setTimeout(run, ms)
        return () => clearTimeout(timer)
      },
    },
    onChange: () => {},
    report: (error) => assert.fail(String(error)),
  })
  const listed = () => people.cell.value.members.map(({ user_id: id }) => id)
  return {
    people,
    asked,
    listed,
    has: (count: number) => eventually(`${count} are listed`, () => listed().length === count),
  }
}

test('members are loaded a page at a time, one page for each wish', async () => {
  const { people, has, listed } = group()
  await people.begin()
  await has(100)
  assert.equal(people.cell.value.isWhole, false)
  await people.loadMore()
  await has(200)
  await Promise.all([people.loadMore(), people.loadMore(), people.loadMore()])
  await has(250)
  assert.equal(people.cell.value.isWhole, true)
  assert.deepEqual(listed(), names)
})

test('one of a later page is found, may be mentioned from then on, and the pages go on where they were', async () => {
  const { people, has, listed } = group()
  await people.begin()
  await people.find('user24')
  await has(110)
  assert.ok([...people.known()].some(({ username }) => username === 'user249'))
  await people.loadMore()
  await has(210)
  await people.loadMore()
  await has(250)
  assert.deepEqual(listed().toSorted(), names)
})

test('who is connected to a private group is listed before their page is loaded', async () => {
  const { people, has, listed } = group({ online: ['user200'] })
  await people.begin()
  await has(101)
  people.receive({ type: 'user_joined', ...member('user201') })
  await has(102)
  assert.ok(people.cell.value.online.has('user201'))
  people.receive({ type: 'user_left', user_id: 'user200' })
  await has(101)
  assert.equal(listed().at(-1), 'user201')
  await people.find('user201')
  await has(101)
})

test('who is connected to an open group may be a guest, and is not listed for that', async () => {
  const { people, has } = group({ isPrivate: false, online: ['user200'] })
  await people.begin()
  await has(100)
  assert.ok(people.cell.value.online.has('user200'))
})
