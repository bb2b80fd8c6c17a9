import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FileView } from '../../../src/domain/file.ts'
import type { MessageView } from '../../../src/domain/message.ts'
import { type Answer, type Api, type Asked, apiOf } from '../../support/api.ts'
import { untilAnswered } from '../until-answered.ts'
import { commonWord, type Ledger, ownWord, type Said, type SentFile } from './ledger.ts'

export interface SearchPage {
  results: { message: MessageView; highlights: [number, number][] }[]
  next: string | null
}

/** Somebody who works in one group: at an address that is there whenever one instance is. */
interface Person {
  readonly url: string
  readonly groupId: string
  readonly userId: string
}

/** Asks until it is answered, which may be by another instance, or by the same one after it was started again. */
function patient({ url, userId }: Person) {
  const api: Api = apiOf(url, userId)
  return <T>(method: string, path: string, statuses: readonly number[], asked?: Asked): Promise<Answer<T>> =>
    untilAnswered(async () => {
      const answer = await api.call<T>(method, path, asked)
      assert.ok(
        statuses.includes(answer.status),
        `${method} ${path} answered ${answer.status}: ${answer.text}`,
      )
      return answer
    }, patience)
}

/** Far more than an instance needs to start again: who waits longer waits for one that is not coming back. */
const patience = { withinMs: 90_000 }

const newText = (): string => `${commonWord} w${randomBytes(8).toString('hex')}`

/** Sends messages with and without files, edits some and deletes some, until `over`; resolves when all of it is answered. */
export async function talk(person: Person, ledger: Ledger, random: () => number, over: AbortSignal) {
  const ask = patient(person)
  const { groupId } = person
  const own: Said[] = []

  async function upload(): Promise<SentFile> {
    const bytes = randomBytes(1_000 + Math.floor(random() * 150_000)).toString('hex')
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    const headers = { 'content-type': 'text/plain' }
    const path = `/groups/${groupId}/files?name=menu.txt`
    const { body } = await ask<FileView>('POST', path, [201], { raw: bytes, headers })
    assert.equal(body.sha256, sha256)
    ledger.done.uploaded++
    return { id: body.id, sha256 }
  }

  async function send(file: SentFile | null): Promise<void> {
    const content = newText()
    const body = { content, client_id: content, attachments: file ? [file.id] : [] }
    const path = `/groups/${groupId}/messages`
    const { id } = (await ask<MessageView>('POST', path, [200, 201], { body })).body
    const said = { id, groupId, content, file, isDeleted: false }
    own.push(said)
    ledger.said.push(said)
    ledger.done.sent++
  }

  async function edit(said: Said): Promise<void> {
    const content = newText()
    await ask('PUT', `/messages/${said.id}`, [200], { body: { content } })
    ledger.taken.push(ownWord(said.content))
    said.content = content
    ledger.done.edited++
  }

  async function remove(said: Said): Promise<void> {
    // 404: it was deleted, and the answer was lost.
    await ask('DELETE', `/messages/${said.id}`, [200, 204, 404])
    ledger.taken.push(ownWord(said.content))
    said.isDeleted = true
    ledger.done.deleted++
  }

  while (!over.aborted) {
    await sleep(random() * 60)
    const there = own.filter(({ isDeleted }) => !isDeleted)
    const said = there[Math.floor(random() * there.length)]
    const dice = random()
    if (!said || dice < 0.35) await send(null)
    else if (dice < 0.65) await send(await upload())
    else if (dice < 0.85) await edit(said)
    else await remove(said)
  }
}

/** Searches for what was sent last, and counts when it is found. */
export async function look(person: Person, ledger: Ledger, over: AbortSignal): Promise<void> {
  const ask = patient(person)
  let found: Said | undefined
  while (!over.aborted) {
    await sleep(50)
    const last = ledger.said.findLast(({ groupId, isDeleted }) => groupId === person.groupId && !isDeleted)
    if (!last || last === found) continue
    const { body } = await ask<SearchPage>('GET', `/search?q=${ownWord(last.content)}`, [200])
    for (const { message, highlights } of body.results) {
      assert.ok(!message.is_deleted)
      assert.deepEqual(highlights.map(([start, end]) => message.content.slice(start, end)).length, 1)
    }
    if (!body.results.length) continue
    found = last
    ledger.done.found++
  }
}
