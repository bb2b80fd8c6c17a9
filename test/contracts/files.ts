import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { StoredFile } from '../../src/domain/file.ts'
import type { GroupWithMembers } from '../../src/domain/group.ts'
import type { Store } from '../../src/store/store.ts'
import { admin, aFile, aGroup, aSend, failsWith, newId, numbers, t0, user } from '../support/samples.ts'

const most = 1_000_000
const dayMs = 24 * 3_600_000

export function fileContract(store: () => Store): void {
  const ann = user('ann')
  const twoOf = () => aGroup(store(), { members: ['ann', 'bob'], owner: 'olga' })

  async function added(group: GroupWithMembers, over: Partial<StoredFile> = {}): Promise<StoredFile> {
    const file = aFile(group, over)
    await store().files.add(file, user(file.uploadedBy), most)
    return file
  }

  async function sent(group: GroupWithMembers, ids: readonly string[], by = ann, id = newId()) {
    const attachments = await store().files.reserve(ids, { id, groupId: group.id }, by, t0)
    const send = aSend(group, { id, senderId: by.userId, attachments, sendHash: 'hash' })
    return store().messages.append(send, by)
  }

  const isGone = async (id: string) => {
    assert.equal(await store().files.read(id), null)
    return (await store().files.listGone(1_000)).includes(id)
  }

  test('files.add: keeps what is known of a file, which is shown before it has a message', async () => {
    const group = await twoOf()
    const file = await added(group, { width: null, height: null, type: 'application/octet-stream' })
    assert.deepEqual(await store().files.read(file.id), file)
    assert.deepEqual(await store().files.known([file.id, newId()]), [file.id])
    assert.deepEqual(await store().files.list(group.id, { limit: 10, after: null }), [])
    assert.equal(await store().files.read(newId()), null)
  })

  test('files.add: only who may write in the group', async () => {
    const group = await twoOf()
    const by = (userId: string) => store().files.add(aFile(group, { uploadedBy: userId }), user(userId), most)
    await assert.rejects(by('eve'), failsWith('forbidden'))
    await store().members.change(group.id, 'bob', { mutedUntil: t0 + 1_000 }, user('olga'), t0)
    await assert.rejects(by('bob'), failsWith('muted'))
    const lost = store().files.add({ ...aFile(group), groupId: newId() }, ann, most)
    await assert.rejects(lost, failsWith('not_found'))
  })

  test('files.add: no more bytes in 24 hours than a user may upload, whoever asks at once', async () => {
    const group = await twoOf()
    const cem = newId()
    await store().members.add(group.id, [cem], 'added', user('olga'), t0)
    const upload = (size: number, createdAt: number) =>
      store().files.add(aFile(group, { uploadedBy: cem, size, createdAt }), user(cem), 100)
    const outcomes = await Promise.allSettled(numbers(1, 6).map(() => upload(30, t0)))
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 3)
    assert.deepEqual(await store().files.uploaded(cem, t0), [{ hour: t0 / 3_600_000, bytes: 90 }])
    await upload(10, t0 + 1)
    await assert.rejects(upload(1, t0 + dayMs - 1), (error: { code: string; retryAfterMs: number }) => {
      assert.equal(error.code, 'rate_limited')
      return error.retryAfterMs === 1_000
    })
    await upload(100, t0 + dayMs)
    assert.deepEqual(await store().files.uploaded(cem, t0 + 3 * dayMs), [])
  })

  test('a message has its files, in the order in which it names them, wherever it is read', async () => {
    const group = await twoOf()
    const [one, two] = [await added(group), await added(group, { name: 'two' })]
    const { value } = await sent(group, [two.id, one.id])
    assert.deepEqual(value.attachments, [two, one])
    assert.deepEqual((await store().messages.read(value.id))?.attachments, [two, one])
    const [listed] = await store().messages.list(group.id, { offset: 0, limit: 1 })
    assert.deepEqual(listed, value)
    const last = await store().messages.listLast([group.id])
    assert.deepEqual(last.get(group.id), value)
    const { messages } = await store().log.read(group.id, { seq: 0, rev: 0 }, 10)
    assert.deepEqual(messages, [value])
  })

  test('files.reserve: a file goes with one message, of its uploader, in its group', async () => {
    const group = await twoOf()
    const file = await added(group)
    const other = await twoOf()
    const cases = [
      () => sent(group, [file.id], user('bob')),
      () => sent(other, [file.id]),
      () => sent(group, [newId()]),
      () => sent(group, [file.id, newId()]),
    ]
    for (const each of cases) await assert.rejects(each, failsWith('invalid'))
    await assert.rejects(sent(group, [file.id], user('eve')), failsWith('forbidden'))
    await sent(group, [file.id])
    await assert.rejects(sent(group, [file.id]), failsWith('invalid'))
  })

  test('of messages that want the same file at once, one gets it', async () => {
    const group = await twoOf()
    const file = await added(group)
    const outcomes = await Promise.allSettled(numbers(1, 5).map(() => sent(group, [file.id])))
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    const messages = await store().messages.list(group.id, { offset: 0, limit: 10 })
    assert.deepEqual(
      messages.map(({ attachments }) => attachments),
      [[file]],
    )
  })

  test('a message that is sent again is the first one, with its files', async () => {
    const group = await twoOf()
    const file = await added(group)
    const id = newId()
    const first = await sent(group, [file.id], ann, id)
    const again = await sent(group, [file.id], ann, id)
    assert.equal(again.repeat, true)
    assert.deepEqual(again.value, first.value)
    // A conflict takes no file from anybody.
    const spare = await added(group)
    const attachments = await store().files.reserve([spare.id], { id, groupId: group.id }, ann, t0)
    const other = store().messages.append(aSend(group, { id, attachments, sendHash: 'other' }), ann)
    await assert.rejects(other, failsWith('conflict'))
    assert.deepEqual((await sent(group, [spare.id])).value.attachments, [spare])
    assert.deepEqual(await store().files.read(file.id), file)
  })

  test('files.list: the files of messages that are shown, newest first, page by page', async () => {
    const group = await twoOf()
    const files = []
    for (const n of numbers(1, 5)) files.push(await added(group, { createdAt: t0 + Math.floor(n / 2) }))
    await added(group)
    for (const { id } of files) await sent(group, [id])
    const newest = files.toSorted((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? 1 : -1))
    assert.deepEqual(await store().files.list(group.id, { limit: 10, after: null }), newest)
    for (const [index, { createdAt: at, id }] of newest.entries())
      assert.deepEqual(
        await store().files.list(group.id, { limit: 2, after: { at, id } }),
        newest.slice(index + 1, index + 3),
      )
  })

  test('a deleted message hides its files, and brings them back; operators see what it had', async () => {
    const group = await twoOf()
    const file = await added(group)
    const { value } = await sent(group, [file.id])
    const { value: deleted } = await store().messages.delete(value.id, ann, t0 + 1)
    assert.deepEqual(deleted.attachments, [])
    assert.equal(await isGone(file.id), false)
    assert.deepEqual(await store().files.list(group.id, { limit: 10, after: null }), [])
    const [kept] = await store().messages.listWithDeleted(group.id, { offset: 0, limit: 1 })
    assert.deepEqual(kept?.attachments, [file])
    await assert.rejects(store().files.remove(file.id, ann, t0 + 1), failsWith('not_found'))
    await assert.rejects(sent(group, [file.id]), failsWith('invalid'))

    const { value: restored } = await store().messages.restore(value.id, admin, t0 + 2)
    assert.deepEqual(restored.attachments, [file])
    assert.deepEqual(await store().files.read(file.id), file)
    assert.deepEqual(await store().files.list(group.id, { limit: 10, after: null }), [file])
  })

  test('a message without a text is restored as well', async () => {
    const group = await twoOf()
    const other = await added(group)
    const messageId = newId()
    const own = await store().files.reserve([other.id], { id: messageId, groupId: group.id }, ann, t0)
    await store().messages.append(aSend(group, { id: messageId, content: '', attachments: own }), ann)
    await store().messages.delete(messageId, ann, t0 + 1)
    const { value } = await store().messages.restore(messageId, admin, t0 + 2)
    assert.deepEqual([value.content, value.attachments], ['', [other]])
  })

  test('an edit may leave a message without a text as long as it has files', async () => {
    const group = await twoOf()
    const file = await added(group)
    const { value } = await sent(group, [file.id])
    const { value: silent } = await store().messages.edit(value.id, { content: '' }, ann, t0 + 1)
    assert.deepEqual([silent.content, silent.attachments], ['', [file]])
    const { value: plain } = await store().messages.append(aSend(group), ann)
    await assert.rejects(store().messages.edit(plain.id, { content: '' }, ann, t0 + 2), failsWith('invalid'))
  })

  test('wiping a message makes its files gone', async () => {
    const group = await twoOf()
    const [now, later] = [await added(group), await added(group)]
    const { value: first } = await sent(group, [now.id])
    await store().messages.delete(first.id, ann, t0 + 1, false)
    assert.equal(await isGone(now.id), true)

    const { value: second } = await sent(group, [later.id])
    await store().messages.delete(second.id, ann, t0 + 1)
    while ((await store().messages.wipe(t0 + 2, 100)) === 100) await turn()
    assert.equal(await isGone(later.id), true)
    const kept = await store().messages.listWithDeleted(group.id, { offset: 0, limit: 10 })
    assert.deepEqual(
      kept.flatMap(({ attachments }) => attachments),
      [],
    )
    await assert.rejects(store().messages.restore(second.id, admin, t0 + 3), failsWith('wiped'))
  })

  test('files.remove: takes a file out of its message, which is told as an edit that sets no edited_at', async () => {
    const group = await twoOf()
    const [one, two] = [await added(group), await added(group)]
    const { value } = await sent(group, [one.id, two.id])
    const removed = await store().files.remove(one.id, ann, t0 + 5)
    const wanted = { ...value, attachments: [two], ver: 2, updatedAt: t0 + 5 }
    assert.deepEqual(removed.value, wanted)
    assert.deepEqual(await store().messages.read(value.id), wanted)
    assert.deepEqual(
      removed.changes.map(({ type, messageId, ver, rev }) => ({ type, messageId, ver, rev })),
      [{ type: 'message_updated', messageId: value.id, ver: 2, rev: 1 }],
    )
    assert.equal((await store().log.readHead(group.id))?.rev, 1)
    assert.equal(await isGone(one.id), true)
    assert.deepEqual(await store().files.list(group.id, { limit: 10, after: null }), [two])
    await assert.rejects(store().files.remove(one.id, ann, t0 + 6), failsWith('not_found'))

    // It stays away when the message is deleted and restored, also without a text.
    await store().messages.edit(value.id, { content: '' }, ann, t0 + 6)
    await store().files.remove(two.id, ann, t0 + 7)
    await store().messages.delete(value.id, ann, t0 + 8)
    const { value: restored } = await store().messages.restore(value.id, admin, t0 + 9)
    assert.deepEqual([restored.content, restored.attachments], ['', []])
  })

  test('files.remove: its uploader, and who may delete the messages of others; also one without a message', async () => {
    const group = await twoOf()
    const [one, two, three] = [await added(group), await added(group), await added(group)]
    await assert.rejects(store().files.remove(one.id, user('bob'), t0), failsWith('forbidden'))
    await assert.rejects(store().files.remove(one.id, user('eve'), t0), failsWith('forbidden'))
    await assert.rejects(store().files.remove(newId(), ann, t0), failsWith('not_found'))
    assert.deepEqual(await store().files.remove(one.id, ann, t0), { value: null, changes: [] })
    await store().files.remove(two.id, admin, t0)
    await store().members.add(group.id, ['dan'], 'added', user('olga'), t0)
    await store().members.change(group.id, 'dan', { role: 'admin' }, user('olga'), t0)
    await store().files.remove(three.id, user('dan'), t0)
    for (const { id } of [one, two, three]) assert.equal(await isGone(id), true)
  })

  test('files.removeOfUser, files.listOfUser: all that one user uploaded, wherever it is', async () => {
    const [here, there] = [await twoOf(), await twoOf()]
    const cem = newId()
    for (const { id } of [here, there]) await store().members.add(id, [cem], 'added', user('olga'), t0)
    const files = []
    for (const group of [here, there, here]) files.push(await added(group, { uploadedBy: cem }))
    const [shown, hidden] = files.map(({ id }) => id) as [string, string]
    const { value: message } = await sent(here, [shown], user(cem))
    const { value: deleted } = await sent(there, [hidden], user(cem))
    await store().messages.delete(deleted.id, user(cem), t0 + 1)

    const sorted = files.toSorted((a, b) => (a.id < b.id ? -1 : 1))
    assert.deepEqual(await store().files.listOfUser(cem, null, 10), sorted)
    assert.deepEqual(await store().files.listOfUser(cem, sorted[0]?.id ?? '', 1), sorted.slice(1, 2))

    const removed = [
      await store().files.removeOfUser(cem, 2, t0 + 2),
      await store().files.removeOfUser(cem, 2, t0 + 2),
      await store().files.removeOfUser(cem, 2, t0 + 2),
    ]
    assert.deepEqual(
      removed.map(({ value }) => value),
      [2, 1, 0],
    )
    const changes = removed.flatMap((each) => each.changes)
    assert.deepEqual(
      changes.map(({ type, messageId }) => [type, messageId]),
      [['message_updated', message.id]],
    )
    assert.deepEqual((await store().messages.read(message.id))?.attachments, [])
    assert.deepEqual(await store().files.uploaded(cem, t0), [])
    for (const { id } of files) assert.equal(await isGone(id), true)
  })

  test('files.removeOfMessages: makes the files of messages gone', async () => {
    const group = await twoOf()
    const file = await added(group)
    const { value } = await sent(group, [file.id])
    await store().files.removeOfMessages([value.id, newId()])
    assert.equal(await isGone(file.id), true)
  })

  test('files.expire: what has no message for long enough is gone', async () => {
    const group = await twoOf()
    const long = t0 - 100 * dayMs
    const [old, attached, fresh] = [
      await added(group, { createdAt: long }),
      await added(group, { createdAt: long }),
      await added(group, { createdAt: long + 1 }),
    ]
    await sent(group, [attached.id])
    assert.equal(await store().files.expire(long + 1, 10), 1)
    assert.equal(await store().files.expire(long + 1, 10), 0)
    assert.equal(await isGone(old.id), true)
    assert.deepEqual(await store().files.read(attached.id), attached)
    assert.deepEqual(await store().files.read(fresh.id), fresh)
  })

  test('files.forget: nothing is known any more of what was gone, and the figures tell so', async () => {
    const group = await twoOf()
    const [gone, stays] = [await added(group, { size: 1 }), await added(group, { size: 20 })]
    const before = (await store().stats.read(t0)).files
    await store().files.remove(gone.id, ann, t0)
    await store().files.forget([gone.id, stays.id])
    assert.deepEqual(await store().files.known([gone.id, stays.id]), [stays.id])
    assert.deepEqual((await store().stats.read(t0)).files, {
      count: before.count - 1,
      bytes: before.bytes - 1,
    })
  })

  test('the files of a group that is deleted are gone, and still known until their bytes are removed', async () => {
    const group = await twoOf()
    const files = []
    for (const _ of numbers(1, 120)) files.push(await added(group))
    await sent(group, [files[0]?.id ?? ''])
    await store().groups.delete(group.id, user('olga'), t0)
    const ids = files.map(({ id }) => id)
    const all = async () => new Set(await store().files.listGone(100_000))
    while (!ids.every(Set.prototype.has, await all())) await turn()
    assert.equal((await store().files.known(ids)).length, ids.length)
  })
}
