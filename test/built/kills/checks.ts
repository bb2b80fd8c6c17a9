import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { MessageView } from '../../../src/domain/message.ts'
import { apiOf } from '../../support/api.ts'
import { eventually } from '../../support/eventually.ts'
import type { Receiver } from '../../support/receiver.ts'
import { commonWord, type Ledger, living, ownWord } from './ledger.ts'
import type { SearchPage } from './work.ts'

/** Another's lease expires, and what has waited meanwhile is caught up with. */
const catchUpMs = 60_000
const sample = 200

/** Every message that was acknowledged is there as it was acknowledged, with its file, and no other is. */
export async function holdMessages(url: string, ledger: Ledger, groupId: string): Promise<void> {
  const { call, history } = apiOf(url, 'ann')
  const [there, said] = [await history(groupId), living(ledger, groupId)]
  const shown = (message: MessageView) => [message.content, message.attachments.map(({ sha256 }) => sha256)]
  assert.deepEqual(
    new Map(there.map((message) => [message.id, shown(message)])),
    new Map(said.map(({ id, content, file }) => [id, [content, file ? [file.sha256] : []]])),
  )
  const withFile = ledger.said.filter((message) => message.groupId === groupId && message.file)
  for (const { file, isDeleted } of withFile.slice(-sample)) {
    const { status, text } = await call('GET', `/files/${file?.id}`)
    assert.equal(status, isDeleted ? 404 : 200)
    if (!isDeleted) assert.equal(createHash('sha256').update(text).digest('hex'), file?.sha256)
  }
}

async function findAll(url: string, groupId: string): Promise<Set<string>> {
  const found: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const path: string = `/search?q=${commonWord.slice(0, 3)}&group_id=${groupId}&limit=100${cursor && `&cursor=${cursor}`}`
    const { status, body } = await apiOf(url, 'ann').call<SearchPage>('GET', path)
    assert.equal(status, 200)
    found.push(...body.results.map(({ message }) => `${message.id} ${message.content}`))
    cursor = body.next
  }
  assert.equal(new Set(found).size, found.length, 'a message is found twice')
  return new Set(found)
}

/** What is there is found as it is now, and nothing by what it said before. */
export async function holdIndex(url: string, ledger: Ledger, groupId: string): Promise<void> {
  const said = living(ledger, groupId)
  const right = new Set(said.map(({ id, content }) => `${id} ${content}`))
  await eventually(
    'all is found as it is now',
    async () => {
      const found = await findAll(url, groupId)
      return found.size === right.size && [...found].every((each) => right.has(each))
    },
    catchUpMs,
  )
  const find = async (word: string) => {
    const { body } = await apiOf(url, 'ann').call<SearchPage>('GET', `/search?q=${word}&group_id=${groupId}`)
    return body.results.map(({ message }) => message.id)
  }
  for (const { id, content } of said.slice(-sample)) assert.deepEqual(await find(ownWord(content)), [id])
  for (const word of ledger.taken.slice(-sample)) assert.deepEqual(await find(word), [])
}

/** Each message, each last state of one, and each deletion was told and taken, in the order of the group's log. */
export async function holdEvents(receiver: Receiver, ledger: Ledger, groupId: string): Promise<void> {
  const group = { id: groupId }
  const untold = () => {
    const states = new Map<string, string>()
    const gone = new Set<string>()
    for (const { type, data } of receiver.taken(group)) {
      if (type === 'message_deleted') gone.add(String(data.message_id))
      else states.set(String(data.message.id), String(data.message.content))
    }
    return ledger.said.filter(
      ({ id, isDeleted, content, ...said }) =>
        said.groupId === groupId && (isDeleted ? !gone.has(id) : states.get(id) !== content),
    )
  }
  await eventually('all is told', () => untold().length === 0, catchUpMs).catch((error: unknown) =>
    assert.deepEqual(untold(), [], String(error)),
  )
  // What came again is left out; so is what a message says in another entry than its own.
  const first = new Map(receiver.taken(group).map((hook) => [hook.id, hook]))
  const seqs = [...first.values()]
    .filter(({ type }) => type === 'new_message')
    .map(({ data }) => data.message.seq)
  assert.deepEqual(
    seqs,
    seqs.toSorted((a, b) => a - b),
    'told in order',
  )
}
