import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gathered } from '../../dashboard/chat/model/clock.ts'
import { createConnectionCell } from '../../dashboard/chat/model/connection.ts'
import { createDrafts } from '../../dashboard/chat/model/drafts.ts'
import { createNotices } from '../../dashboard/chat/model/notices.ts'
import { createProblems } from '../../dashboard/chat/model/problems.ts'
import { createReads } from '../../dashboard/chat/model/reads.ts'
import { rightsOf } from '../../dashboard/chat/model/rights.ts'
import { createTyping } from '../../dashboard/chat/model/typing.ts'
import { createUploads } from '../../dashboard/chat/model/uploads.ts'
import { memoryKeeping } from '../../dashboard/chat/session/keeping.ts'
import type { ChatState } from '../../src/client/types.ts'
import { inSomeTurn } from '../support/eventually.ts'
import { createTestClock } from './clock.ts'
import { groupOf, messageOf } from './model-samples.ts'

test('of many calls the first runs in its turn, the others together a frame later, or when it is asked for', async () => {
  const clock = createTestClock()
  let runs = 0
  const run = gathered(() => runs++, clock)
  run()
  run()
  await Promise.resolve()
  assert.equal(runs, 1)
  for (let i = 0; i < 1_000; i++) run()
  await Promise.resolve()
  assert.equal(runs, 1)
  clock.advance(16)
  assert.equal(runs, 2)
  run()
  run.now()
  run.now()
  assert.equal(runs, 3)
  clock.advance(100)
  assert.equal(runs, 3)
})

test('a break is reconnecting, one of some seconds is offline, and so is a browser without a network', () => {
  const clock = createTestClock()
  let isOnline = true
  let changed = (): void => undefined
  const { cell, become } = createConnectionCell(
    () => ({ closed: undefined }) as never,
    { isOnline: () => isOnline, listen: (run) => (changed = run) },
    clock,
  )
  const states = (...next: ChatState[]) => {
    for (const state of next) become(state)
    return cell.value.state
  }
  assert.equal(states('connecting'), 'connecting')
  assert.equal(states('online'), 'online')
  assert.equal(states('offline', 'connecting'), 'reconnecting')
  clock.advance(3_000)
  assert.equal(states('offline'), 'reconnecting')
  clock.advance(2_000)
  assert.equal(states('connecting'), 'offline')
  assert.equal(states('online'), 'online')
  isOnline = false
  changed()
  assert.equal(cell.value.state, 'offline')
  isOnline = true
  changed()
  assert.equal(cell.value.state, 'online')
  assert.equal(states('closed'), 'closed')
})

test('who types is told until they stop, write, or are silent for seconds; oneself is not', () => {
  const clock = createTestClock()
  const typing = createTyping({ clock, ownId: 'me', tell: () => undefined })
  const event = (user_id: string, state: string) =>
    typing.receive({ type: 'typing', user_id, username: user_id, display_name: user_id, state })
  const who = () => typing.cell.value.map(({ id }) => id)
  event('me', 'start')
  event('ann', 'start')
  event('ben', 'start')
  event('cid', 'start')
  assert.deepEqual(who(), ['ann', 'ben', 'cid'])
  event('ann', 'stop')
  typing.receive({ type: 'new_message', message: messageOf(1, { sender_id: 'ben' }) })
  assert.deepEqual(who(), ['cid'])
  clock.advance(4_000)
  event('cid', 'start')
  clock.advance(4_000)
  assert.deepEqual(who(), ['cid'])
  clock.advance(3_000)
  assert.deepEqual(who(), [])
})

test('that one types is told every three seconds, and the end of it once', () => {
  const clock = createTestClock(1_000)
  const told: string[] = []
  const typing = createTyping({ clock, ownId: 'me', tell: (state) => told.push(state) })
  typing.typed(false)
  for (let i = 0; i < 5; i++) {
    typing.typed(true)
    clock.advance(1_000)
  }
  assert.deepEqual(told, ['start', 'start'])
  typing.typed(false)
  typing.typed(false)
  assert.deepEqual(told, ['start', 'start', 'stop'])
  typing.typed(true)
  typing.sent()
  typing.typed(false)
  assert.deepEqual(told.slice(3), ['start'])
})

test('read marks only go up, a message is one, and the own are left out', () => {
  const reads = createReads('me')
  reads.put([
    { user_id: 'ann', seq: 3 },
    { user_id: 'me', seq: 9 },
  ])
  reads.receive({ type: 'read', user_id: 'ann', seq: 2 })
  reads.receive({ type: 'new_message', message: messageOf(5, { sender_id: 'ben' }) })
  assert.deepEqual(
    [...reads.cell.value],
    [
      ['ann', 3],
      ['ben', 5],
    ],
  )
  reads.receive({ type: 'member_removed', user_id: 'ben' })
  assert.deepEqual([...reads.cell.value.keys()], ['ann'])
})

test('notices say who came, left, was put out and by whom, and what has changed', () => {
  const notices = createNotices({
    now: () => 7,
    ownId: () => 'me',
    nameOf: (_, id) => (id === 'boss' ? 'The boss' : undefined),
    roleOf: () => 'member',
    titleOf: () => 'Tea',
  })
  const ann = { user_id: 'ann', username: 'ann', display_name: 'Ann' }
  const tell = (type: string, fields: object) => notices.receive({ type, group_id: 'g', ...fields }, 3)
  tell('member_added', { user_id: 'ann', member: ann })
  tell('member_added', { user_id: 'me', member: { display_name: 'Me' } })
  tell('member_updated', { member: { ...ann, role: 'owner' } })
  tell('member_updated', { member: { ...ann, role: 'member' } })
  tell('member_removed', { ...ann, by: 'ann' })
  tell('member_removed', { ...ann, by: 'boss' })
  tell('member_removed', { ...ann, by: 'somebody' })
  tell('member_banned', ann)
  tell('group_updated', { group: { name: 'Tea' } })
  tell('group_updated', { group: { name: 'Coffee' } })
  assert.deepEqual(
    notices.of('g').map(({ text }) => text),
    [
      'Ann joined',
      'Ann is now an owner',
      'Ann left',
      'Ann was removed by The boss',
      'Ann was banned',
      'The group is now called Coffee',
    ],
  )
  const [first] = notices.of('g')
  assert.deepEqual([first?.afterSeq, first?.at], [3, 7])
  assert.deepEqual(notices.of('other'), [])
})

test('a problem is shown for some seconds, and the same one once', () => {
  const clock = createTestClock()
  const { cell, report } = createProblems(clock)
  const texts = () => cell.value.map(({ text }) => text)
  report({ code: 'muted', detail: 'You are muted.' })
  clock.advance(5_000)
  report(new Error('You are muted.'))
  report({ code: 'offline', detail: 'http://10.0.0.1 is not there' })
  assert.equal(texts().length, 2)
  assert.equal(texts()[0], 'You are muted.')
  clock.advance(4_000)
  assert.equal(texts().length, 2)
  clock.advance(4_000)
  assert.deepEqual(texts(), [])
})

test('one may write as the role, the rules of the group and a mute let', () => {
  const at = (ms: number) => ({ muted_until: new Date(ms).toISOString() })
  const mayWrite = (...given: Parameters<typeof rightsOf>) => rightsOf(...given).mayWrite
  assert.equal(mayWrite(groupOf('g'), undefined, 0), true)
  assert.equal(mayWrite(groupOf('g', { role: null, visibility: 'open' }), undefined, 0), true)
  assert.equal(mayWrite(groupOf('g', { post_policy: 'admins' }), undefined, 0), false)
  assert.equal(mayWrite(groupOf('g', { post_policy: 'admins', role: 'admin' }), undefined, 0), true)
  assert.equal(mayWrite(groupOf('g'), at(10), 5), false)
  assert.equal(mayWrite(groupOf('g'), at(10), 15), true)
  const { isAdmin, isOwner } = rightsOf(groupOf('g', { role: 'owner' }), undefined, 0)
  assert.deepEqual([isAdmin, isOwner], [true, true])
})

test('drafts are kept, also beside those of another tab, and what is no list of drafts is none', () => {
  const keeping = memoryKeeping()
  const [one, other] = [createDrafts(keeping), createDrafts(keeping)]
  one.set('g1', 'hello')
  other.set('g2', 'there')
  one.reread()
  assert.deepEqual([one.get('g2'), [...one.groupIds.value]], ['there', ['g1', 'g2']])
  assert.equal(createDrafts(keeping).get('g1'), 'hello')
  one.set('g1', '')
  one.set('g2', ' \n')
  assert.equal(keeping.getItem('drafts'), null)
  keeping.setItem('drafts', '{')
  assert.equal(createDrafts(keeping).get('g1'), '')
})

test('files go up two at a time; what failed stays with its sentence; what is done is taken, ten at most', async () => {
  const waiting: { done: () => void; fail: () => void; progress: (loaded: number) => void }[] = []
  const removed: string[] = []
  const chat = {
    upload: (_: string, file: File, { onProgress }: { onProgress(progress: { loaded: number }): void }) =>
      new Promise((resolve, reject) => {
        waiting.push({
          done: () => resolve({ id: `id of ${file.name}` }),
          fail: () => reject(Object.assign(new Error(), { detail: 'Too large.' })),
          progress: (loaded) => onProgress({ loaded }),
        })
      }),
    files: { delete: async (id: string) => void removed.push(id) },
  }
  const uploads = createUploads({ chat: chat as never, groupId: 'g', clock: createTestClock() })
  const states = () => uploads.cell.value.map(({ name, state }) => `${name} ${state}`)
  uploads.add(['a', 'b', 'c'].map((name) => new File([name], name)))
  assert.equal(waiting.length, 2)
  waiting[0]?.progress(1)
  waiting[0]?.done()
  waiting[1]?.fail()
  await inSomeTurn(() => waiting.length === 3)
  uploads.add([])
  assert.deepEqual(states(), ['a done', 'b failed', 'c sending'])
  assert.deepEqual([uploads.cell.value[0]?.loaded, uploads.cell.value[1]?.error], [1, 'Too large.'])
  assert.deepEqual(uploads.take(), ['id of a'])
  assert.deepEqual(states(), ['b failed', 'c sending'])
  for (const { id } of uploads.cell.value) uploads.remove(id)
  waiting[2]?.done()
  await inSomeTurn(() => removed.includes('id of c'))
  assert.deepEqual(states(), [])
})
