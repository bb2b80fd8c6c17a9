import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Timeline } from '../../dashboard/chat/model/types.ts'
import type { ChatEvent } from '../../src/client/types.ts'
import { eventually } from '../support/eventually.ts'
import { startService, type TestService } from '../support/service.ts'
import { contents, groupIn, isOnline, opened, openPage, seqs } from './page.ts'

let service: TestService
before(async () => {
  service = await startService()
})
after(() => service[Symbol.asyncDispose]())

const upTo = (last: number, first = 1) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

async function filled(count: number, owner: string, ...others: string[]) {
  const made = await service.group(owner, ...others)
  for (let i = 1; i <= count; i++) await made.owner.send(made.group.id, `m${i}`)
  return { ...made, id: made.group.id }
}

test('what one sends, both show once and all the time, and it calls whom its text names', async () => {
  const { id } = await filled(0, 'ann', 'ben')
  using ann = openPage(service.url, 'ann')
  using ben = openPage(service.url, 'ben')
  const [mine, theirs] = [await opened(ann, id), await opened(ben, id)]
  await isOnline(ann, ben)
  await eventually('the members are known', () => mine.people.value.isWhole)
  const shown = new Set<number>()
  mine.timeline.listen(({ messages, pending }) => shown.add(messages.length + pending.length))
  mine.send('hello @ben and @all, but not `@ann`')
  assert.equal(mine.timeline.value.pending.length, 1)
  await eventually('both show it', () => [mine, theirs].every((each) => contents(each).length === 1))
  assert.deepEqual([...shown], [0, 1])
  assert.deepEqual(mine.timeline.value.pending, [])
  const [message] = theirs.timeline.value.messages
  assert.deepEqual([message?.mentions, message?.mention_all], [['ben'], true])
})

test('an answer, its edit, its deletion and a pin are shown to both', async () => {
  const { id } = await filled(1, 'ann', 'ben')
  using ann = openPage(service.url, 'ann')
  using ben = openPage(service.url, 'ben')
  const [mine, theirs] = [await opened(ann, id), await opened(ben, id)]
  await isOnline(ann, ben)
  const [question] = theirs.timeline.value.messages
  assert.ok(question)
  theirs.answer(question)
  theirs.send('answer')
  assert.equal(theirs.replyTo.value, null)
  await eventually('it is there', () => contents(mine).length === 2)
  assert.equal(mine.timeline.value.messages[0]?.reply_count, 1)
  const answer = mine.timeline.value.messages[1]
  assert.equal(answer?.reply_to, question.id)
  assert.equal(await theirs.saveEdit(answer.id, 'a better answer'), true)
  assert.equal(await mine.saveEdit(answer.id, 'not mine'), false)
  assert.equal(ann.problems.value.length, 1)
  await eventually('it is edited', () => contents(mine)[1] === 'a better answer')
  await mine.togglePin(question)
  await eventually('it is pinned', () => Boolean(theirs.timeline.value.messages[0]?.pinned_at))
  await theirs.delete(answer.id)
  await eventually('it is deleted', () => mine.timeline.value.messages[1]?.is_deleted === true)
  assert.deepEqual(contents(mine), ['m1', ''])
  assert.equal(mine.timeline.value.messages[0]?.reply_count, 0)
})

test('a reaction is shown at once, by both in the end, and is taken back where it is refused', async () => {
  const { id } = await filled(1, 'ann', 'ben')
  let refusing = false
  using ann = openPage(service.url, 'ann', {
    library: {
      fetch: (url, init) =>
        refusing && url.includes('/reactions/') ? Promise.reject(new Error('cut off')) : fetch(url, init),
    },
  })
  using ben = openPage(service.url, 'ben')
  const [mine, theirs] = [await opened(ann, id), await opened(ben, id)]
  await isOnline(ann, ben)
  const reactions = ({ timeline }: typeof mine) =>
    timeline.value.messages[0]?.reactions.map(({ emoji, count }) => `${emoji} ${count}`)
  const message = () => mine.timeline.value.messages[0] as Timeline['messages'][number]
  const reacting = mine.toggleReaction(message(), '👍')
  assert.deepEqual([reactions(mine), message().my_reactions], [['👍 1'], ['👍']])
  await reacting
  await eventually('the other sees it', () => reactions(theirs)?.join() === '👍 1')
  assert.deepEqual(theirs.timeline.value.messages[0]?.my_reactions, [])
  await theirs.toggleReaction(theirs.timeline.value.messages[0] as Timeline['messages'][number], '👍')
  await eventually('there are two', () => reactions(mine)?.join() === '👍 2')
  assert.deepEqual(message().my_reactions, ['👍'])
  refusing = true
  const refused = mine.toggleReaction(message(), '👍')
  assert.deepEqual(reactions(mine), ['👍 1'])
  await refused
  await eventually('it is as it was', () => reactions(mine)?.join() === '👍 2')
  assert.deepEqual(message().my_reactions, ['👍'])
  assert.equal(ann.problems.value.length, 1)
  refusing = false
  // Of two clicks the last one counts.
  await Promise.all([mine.toggleReaction(message(), '👍'), mine.toggleReaction(message(), '🎉')])
  await eventually('both are told', () => reactions(theirs)?.join() === '👍 1,🎉 1')
  assert.deepEqual(message().my_reactions, ['🎉'])
})

test('older messages come page by page up to the start, while new ones keep coming', async () => {
  const { id, owner } = await filled(300, 'ann', 'ben')
  using ben = openPage(service.url, 'ben')
  await eventually('it is listed', () => groupIn(ben, id) !== undefined)
  await ben.chat.groups.markRead(id, 300)
  await isOnline(ben)
  await eventually('all is read', () => groupIn(ben, id)?.unread_count === 0)
  const conversation = await opened(ben, id)
  assert.deepEqual(seqs(conversation), upTo(300, 251))
  const { isStart, isEnd, unreadFrom } = conversation.timeline.value
  assert.deepEqual([isStart, isEnd, unreadFrom], [false, true, null])
  const pages: number[] = []
  while (!conversation.timeline.value.isStart) {
    await Promise.all([conversation.loadOlder(), conversation.loadOlder(), owner.send(id, 'more')])
    pages.push(conversation.timeline.value.messages.length)
    assert.ok(pages.length < 5)
  }
  await eventually('all are there', () => seqs(conversation).length === 300 + pages.length)
  assert.deepEqual(seqs(conversation), upTo(300 + pages.length))
})

test('with much unread a group opens at the first of it, and goes on to the newest', async () => {
  const { id, owner } = await filled(120, 'ann', 'ben')
  using ben = openPage(service.url, 'ben')
  await isOnline(ben)
  await ben.chat.groups.markRead(id, 20)
  await eventually('it is listed', () => groupIn(ben, id)?.unread_count === 100)
  const conversation = await opened(ben, id)
  assert.equal(conversation.timeline.value.unreadFrom, 21)
  assert.equal(conversation.timeline.value.isEnd, false)
  assert.ok(seqs(conversation).includes(21))
  // What comes now is not behind a gap.
  await owner.send(id, 'm121')
  await eventually('it is counted', () => groupIn(ben, id)?.unread_count === 101)
  assert.ok(!seqs(conversation).includes(121))
  while (!conversation.timeline.value.isEnd) await conversation.loadNewer()
  assert.deepEqual(seqs(conversation), upTo(121))
  await owner.send(id, 'm122')
  await eventually('it is behind', () => seqs(conversation).at(-1) === 122)
})

test('a jump shows the message among its neighbours; the newest are a jump away; a send goes there, too', async () => {
  const { id, owner } = await filled(200, 'ann', 'ben')
  using ann = openPage(service.url, 'ann')
  await isOnline(ann)
  const far = (await owner.history(id)).find(({ content }) => content === 'm30')
  assert.ok(far)
  const conversation = await opened(ann, id, far.id)
  await eventually('it has its place', () => conversation.target.value?.seq === 30)
  assert.deepEqual(seqs(conversation), upTo(54, 5))
  await conversation.jumpToNewest()
  assert.deepEqual(seqs(conversation), upTo(200, 151))
  await conversation.jumpTo(far.id)
  assert.equal(conversation.timeline.value.isEnd, false)
  conversation.send('m201')
  await eventually('it is shown', () => seqs(conversation).at(-1) === 201)
  assert.deepEqual(seqs(conversation), upTo(201, seqs(conversation)[0]))
  assert.deepEqual(conversation.timeline.value.pending, [])
  await conversation.jumpTo('0'.repeat(24))
  assert.equal(ann.problems.value.length, 1)
})

test('a message that is asked for while the connection comes and goes is shown, and not the newest ones', async () => {
  const { id, owner } = await filled(200, 'ann', 'ben')
  const far = (await owner.history(id)).find(({ content }) => content === 'm30')
  assert.ok(far)
  const asked = Promise.withResolvers<void>()
  const released = Promise.withResolvers<void>()
  const sockets: WebSocket[] = []
  using ann = openPage(service.url, 'ann', {
    library: {
      async fetch(url: string, init: RequestInit) {
        if (url.endsWith(`/messages/${far.id}`)) {
          asked.resolve()
          await released.promise
        }
        return fetch(url, init)
      },
      WebSocket: class extends WebSocket {
        constructor(...given: ConstructorParameters<typeof WebSocket>) {
          super(...given)
          sockets.push(this)
        }
      },
    },
  })
  await isOnline(ann)
  ann.open(id, far.id)
  await asked.promise
  sockets.at(-1)?.close()
  await eventually('it is connected anew', () => sockets.length === 2)
  await isOnline(ann)
  released.resolve()
  const conversation = await opened(ann, id)
  await eventually('it has its place', () => conversation.target.value?.seq === 30)
  assert.deepEqual(seqs(conversation), upTo(54, 5))
})

test('a group that was left is there at once when it is opened again, with what came meanwhile', async () => {
  const { id, owner } = await filled(1, 'ann', 'ben')
  const { id: other } = await filled(1, 'ann', 'ben')
  let pages = 0
  using ben = openPage(service.url, 'ben', {
    library: {
      fetch: (url, init) => {
        if (url.includes(`/groups/${id}/messages`)) pages++
        return fetch(url, init)
      },
    },
  })
  await isOnline(ben)
  await eventually('both are listed', () => ben.groups.value?.length !== undefined)
  const conversation = await opened(ben, id)
  conversation.seen(1)
  await opened(ben, other)
  for (let i = 2; i <= 4; i++) await owner.send(id, `m${i}`)
  await eventually('they are counted', () => groupIn(ben, id)?.unread_count === 3)
  const [second] = (await owner.history(id)).slice(1)
  await owner.call('PUT', `/messages/${second?.id}`, { body: { content: 'edited' } })
  await eventually('the edit is told', () => groupIn(ben, id)?.seq === 4)
  ben.open(id)
  const again = ben.current.value as typeof conversation
  assert.notEqual(again, conversation)
  assert.deepEqual([seqs(again), again.timeline.value.unreadFrom], [upTo(4), 2])
  await eventually('the edit is there', () => contents(again)[1] === 'edited')
  // Of what is far behind, the first unread one is looked for.
  await opened(ben, other)
  await Promise.all(Array.from({ length: 300 }, () => owner.send(id, 'more')))
  await eventually('they are counted', () => groupIn(ben, id)?.unread_count === 303)
  assert.equal(pages, 1)
  const third = await opened(ben, id)
  assert.equal(third.timeline.value.unreadFrom, 2)
})

test('who comes, goes and is made an admin is told by notices, and in people and rights', async () => {
  const { id, owner } = await filled(1, 'ann', 'ben')
  using ben = openPage(service.url, 'ben')
  await isOnline(ben)
  const conversation = await opened(ben, id)
  await eventually('all are known', () => conversation.people.value.isWhole)
  await owner.call('POST', `/groups/${id}/members`, { body: { user_id: 'cid' } })
  await owner.send(id, 'm2')
  await owner.call('PATCH', `/groups/${id}/members/cid`, { body: { role: 'admin' } })
  await owner.call('PUT', `/groups/${id}/bans/cid`, { body: {} })
  await owner.call('PATCH', `/groups/${id}/members/ben`, { body: { role: 'admin' } })
  await eventually('ben is an admin', () => conversation.rights.value.isAdmin)
  // What the timeline shows is gathered, and comes a moment later.
  await eventually('four are told', () => conversation.timeline.value.notices.length >= 4)
  assert.deepEqual(
    conversation.timeline.value.notices.map(({ text, afterSeq }) => [text, afterSeq]),
    [
      ['cid joined', 1],
      ['cid is now an admin', 2],
      ['cid was banned', 2],
      ['You are now an admin', 2],
    ],
  )
  assert.deepEqual(conversation.people.value.members.map(({ user_id }) => user_id).sort(), ['ann', 'ben'])
  await owner.call('PATCH', `/groups/${id}/members/ben`, {
    body: { role: 'member', muted_until: new Date(Date.now() + 60_000).toISOString() },
  })
  await eventually('ben may not write', () => !conversation.rights.value.mayWrite)
  assert.match(conversation.rights.value.whyNot ?? '', /muted until/)
})

test('who types, who is there and who has read are told while it is so', async () => {
  const { id } = await filled(2, 'ann', 'ben')
  using ann = openPage(service.url, 'ann')
  await isOnline(ann)
  const mine = await opened(ann, id)
  const ben = openPage(service.url, 'ben')
  const theirs = await opened(ben, id)
  await isOnline(ben)
  await eventually('ben is there', () => mine.people.value.online.has('ben'))
  theirs.typed(true)
  await eventually('ben types', () => mine.typing.value.map(({ id }) => id).join() === 'ben')
  theirs.typed(false)
  await eventually('ben stopped', () => mine.typing.value.length === 0)
  theirs.seen(2)
  await eventually('ben has read', () => mine.reads.value.get('ben') === 2)
  theirs.send('m3')
  await eventually('ben has read what ben wrote', () => mine.reads.value.get('ben') === 3)
  ben.close()
  await eventually('ben is gone', () => !mine.people.value.online.has('ben'))
})

test('files go up, and with the next message', async () => {
  const { id } = await filled(0, 'ann', 'ben')
  using ann = openPage(service.url, 'ann')
  await isOnline(ann)
  const conversation = await opened(ann, id)
  conversation.upload([new File(['one'], 'one.txt'), new File(['two'], 'two.txt')])
  await eventually('both are there', () => conversation.uploads.value.every(({ state }) => state === 'done'))
  conversation.removeUpload(conversation.uploads.value[0]?.id ?? 0)
  conversation.send('')
  assert.deepEqual(conversation.uploads.value, [])
  await eventually('it is sent', () => contents(conversation).length === 1)
  assert.deepEqual(
    conversation.timeline.value.messages[0]?.attachments.map(({ name }) => name),
    ['two.txt'],
  )
})

test('ten thousand messages and twenty a second cost next to nothing', async () => {
  const { id } = await filled(1, 'ann', 'ben')
  let pages = 0
  const make = (seq: number) => ({
    ...{ id: String(seq).padStart(24, '0'), group_id: id, sender_id: 'ann', content: `m${seq}`, seq, ver: 1 },
    ...{ sender: { id: 'ann', username: 'ann', display_name: 'ann', avatar_url: null } },
    ...{
      created_at: '',
      updated_at: '',
      edited_at: null,
      is_deleted: false,
      reply_to: null,
      thread_id: null,
    },
    ...{ reply_count: 0, mentions: [], mention_all: false, reactions: [], pinned_at: null, attachments: [] },
    ...{ metadata: {}, my_reactions: [] },
  })
  const body = (first: number, last: number) =>
    JSON.stringify({
      messages: upTo(last, first).reverse().map(make),
      total: 0,
      has_more: first > 1,
      cursor: '',
    })
  using ann = openPage(service.url, 'ann', {
    library: {
      fetch: async (url, init) => {
        if (!url.includes('/messages?')) return fetch(url, init)
        const before = Number(new URL(url).searchParams.get('before') ?? 10_051)
        pages++
        return new Response(body(Math.max(1, before - (pages === 1 ? 50 : 100)), before - 1))
      },
    },
  })
  await isOnline(ann)
  const conversation = await opened(ann, id)
  while (!conversation.timeline.value.isStart) await conversation.loadOlder()
  assert.equal(conversation.timeline.value.messages.length, 10_050)
  // The service tells no such messages, so the conversation is told them as the model tells it.
  const told = conversation as unknown as { receive(event: ChatEvent): void }
  const events = 4_000
  conversation.seen(10_050)
  const began = performance.now()
  for (let i = 1; i <= events; i++)
    told.receive({ type: 'new_message', group_id: id, message: make(10_050 + i) })
  const eachMs = (performance.now() - began) / events
  await eventually('they are shown', () => seqs(conversation).at(-1) === 10_050 + events)
  assert.ok(eachMs < 1, `${eachMs} ms each`)
  // What is far away is let go of: a page that is open for days must not grow.
  assert.ok(conversation.timeline.value.messages.length <= 12_000)
  assert.equal(conversation.timeline.value.isStart, false)
})
