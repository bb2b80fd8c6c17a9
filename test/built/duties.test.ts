import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AuditEntryView } from '../../src/domain/audit.ts'
import type { MessageView } from '../../src/domain/message.ts'
import { mongoMissing } from '../mongo/server.ts'
import { apiOf, baseOf, createApi } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { tokenFor } from '../support/process.ts'
import { numbers } from '../support/samples.ts'
import { onMongo, onSqlite, type Place } from './kills/places.ts'

const root = 'root (admin)'
const groupsEach = 4
const sends = 30
/** Another instance may have to wait for a lease, and looks each minute for what is too old. */
const withinMs = 90_000

interface Page {
  messages: MessageView[]
}

const allIn = async (url: string, groupId: string): Promise<MessageView[]> => {
  const path = `/groups/${groupId}/messages?include_deleted=true&limit=100`
  return (await apiOf(url, root).call<Page>('GET', path)).body.messages
}

/** Groups of this user and bob, who call each other by mentions. */
async function fill(url: string, userId: string): Promise<string[]> {
  const groups = await Promise.all(
    numbers(1, groupsEach).map((n) => apiOf(url, 'bob').createGroup(`${userId} ${n}`, ['bob', userId])),
  )
  for (const { id } of groups)
    await Promise.all(
      numbers(1, sends).map(async (n) => {
        const [sender, other] = n % 2 ? [userId, 'bob'] : ['bob', userId]
        const body = { content: `${userId} and bob ${n}`, mentions: [other] }
        const answer = await apiOf(url, sender).call('POST', `/groups/${id}/messages`, { body })
        assert.equal(answer.status, 201, answer.text)
      }),
    )
  return groups.map(({ id }) => id)
}

/** Kills the first instance under the erasure of each of these users. With another one it is started again when that has ended it. */
async function erasuresGoOn(place: Place, people: readonly string[], report: (text: string) => void) {
  const [first, other] = place.instances
  const last = other ?? first
  assert.ok(first && last)
  const groupsOf = new Map<string, string[]>()
  for (const userId of people) groupsOf.set(userId, await fill(first.url, userId))
  let cut = 0
  for (const userId of people) {
    const erasing = apiOf(first.url, root).call('DELETE', `/users/${userId}`)
    const settled = Promise.allSettled([erasing])
    const isRefused = async () => (await apiOf(first.url, userId).call('GET', '/groups')).status === 401
    await eventually('their tokens are refused', isRefused)
    await sleep(Math.random() * 60)
    await first.kill()
    if ((await settled)[0].status === 'rejected') cut++
    if (other) await eventually('the other one ends it', () => isErased(other.url, userId), withinMs)
    await first.restart()
  }
  report(`${cut} of ${people.length} erasures were cut`)
  for (const userId of people) {
    await eventually(`${userId} is erased`, () => isErased(last.url, userId), withinMs)
    for (const groupId of groupsOf.get(userId) ?? []) {
      const messages = await allIn(last.url, groupId)
      assert.equal(messages.length, sends)
      for (const { content, is_deleted, mentions, sender_id } of messages) {
        if (sender_id === 'bob') assert.deepEqual(mentions, [])
        else assert.deepEqual([content, is_deleted, sender_id.startsWith('erased-')], ['', true, true])
      }
      const { text } = await apiOf(last.url, 'bob').call('GET', `/groups/${groupId}`)
      assert.ok(!text.includes(`"${userId}"`), text)
    }
  }
}

async function isErased(url: string, userId: string): Promise<boolean> {
  const path = `/audit?user_id=${userId}`
  const { body } = await apiOf(url, root).call<{ entries: AuditEntryView[] }>('GET', path)
  return body.entries.some(({ action, by }) => action === 'user_erased' && by === root)
}

/** So many days later nothing is kept any more. */
const daysOn = 40
const later = `const now = Date.now; Date.now = () => now() + ${daysOn} * 86_400_000`
const atLaterTime = {
  NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(later)}"`,
  MESSAGE_RETENTION_DAYS: '30',
}

async function wipingGoesOn(place: Place): Promise<void> {
  const [first] = place.instances
  assert.ok(first)
  const groupIds = [...(await fill(first.url, 'leo')), ...(await fill(first.url, 'kim'))]
  for (const _ of numbers(1, 4)) {
    await sleep(Math.random() * 100)
    await first.kill()
    await first.restart(atLaterTime)
  }
  const token = await tokenFor(root, { scope: 'chat:admin', ttlS: 2 * daysOn * 86_400 })
  const { call } = createApi(baseOf(first.url), { token })
  for (const id of groupIds)
    await eventually(
      'all that is too old is gone',
      async () => {
        const path = `/groups/${id}/messages?include_deleted=true&limit=100`
        const { messages } = (await call<Page>('GET', path)).body
        return messages.length === sends && messages.every((each) => each.is_deleted && !each.content)
      },
      withinMs,
    )
}

const diagnostic =
  (t: { diagnostic(text: string): void }) =>
  (text: string): void =>
    t.diagnostic(text)
const timeout = 300_000

describe('a service on SQLite that is killed', () => {
  test('goes on by itself with the erasures that this cut', { timeout }, async (t) => {
    await using place = await onSqlite({})
    await erasuresGoOn(place, ['ada', 'eve', 'mia'], diagnostic(t))
  })

  test('goes on by itself with the wiping of what is too old', { timeout }, async () => {
    await using place = await onSqlite({})
    await wipingGoesOn(place)
  })
})

describe('when one of two instances on one MongoDB is killed', {
  skip: (await mongoMissing()) ?? false,
}, () => {
  test('the other one goes on by itself with the erasures that this cut', { timeout }, async (t) => {
    await using place = await onMongo({})
    await erasuresGoOn(place, ['ada'], diagnostic(t))
  })

  test('what is too old is wiped all the same', { timeout }, async () => {
    await using place = await onMongo({})
    await wipingGoesOn(place)
  })
})
