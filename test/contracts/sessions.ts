import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountSession, EndedSession } from '../../src/domain/account-session.ts'
import type { Store } from '../../src/store/store.ts'
import { failsWith, newId, numbers, t0 } from '../support/samples.ts'
import { anAccount } from './accounts.ts'

const monthMs = 30 * 24 * 3_600_000

export const aSession = (given: Partial<AccountSession> = {}): AccountSession => ({
  id: newId(),
  userId: newId(),
  count: 0,
  hash: 'hash 0',
  nextHash: null,
  createdAt: t0,
  refreshedAt: t0,
  expiresAt: t0 + monthMs,
  ...given,
})

export function sessionContract(store: () => Store): void {
  const aUser = async () => {
    const account = anAccount()
    await store().accounts.create(account)
    return account.id
  }
  const logIn = async (userId: string, given: Partial<AccountSession> = {}) => {
    const session = aSession({ userId, ...given })
    assert.deepEqual(await store().sessions.create(session, 1, 10), [])
    return session
  }
  const read = ({ id }: AccountSession, at = t0) => store().sessions.read(id, at)
  const shown = (n: number, hash = `hash ${n}`) => ({ count: n, hash, nextHash: `hash ${n + 1}` })
  const rotate = ({ id }: AccountSession, rotation: ReturnType<typeof shown>, at = t0) =>
    store().sessions.rotate(id, rotation, at, at + monthMs)

  test('sessions.create keeps a session until it expires', async () => {
    const session = await logIn(await aUser())
    assert.deepEqual(await read(session), session)
    assert.deepEqual(await read(session, session.expiresAt - 1), session)
    assert.equal(await read(session, session.expiresAt), null)
    assert.equal(await rotate(session, shown(0), session.expiresAt), false)
    await assert.rejects(store().sessions.create(session, 1, 10), failsWith('conflict'))
  })

  test('sessions.create makes none for an account that is gone, disabled, or has another password', async () => {
    const { accounts, sessions } = store()
    const userId = await aUser()
    const session = aSession({ userId })
    assert.equal(await sessions.create(session, 2, 10), null)
    await accounts.setDisabled(userId, true, t0)
    assert.equal(await sessions.create(session, 1, 10), null)
    await accounts.setDisabled(userId, false, t0)
    await accounts.setPassword(userId, 'two', t0)
    assert.equal(await sessions.create(session, 1, 10), null)
    assert.equal(await sessions.create(aSession(), 1, 10), null)
    assert.equal(await read(session), null)
    assert.deepEqual(await sessions.create(session, 2, 10), [])
  })

  test('sessions.create ends the session that was used longest ago where there are too many', async () => {
    const userId = await aUser()
    const first = await logIn(userId)
    const second = await logIn(userId, { refreshedAt: t0 + 1 })
    await logIn(userId, { refreshedAt: t0 + 2 })
    assert.ok(await rotate(first, shown(0), t0 + 1_000))
    const last = aSession({ userId, createdAt: t0 + 2_000, refreshedAt: t0 + 2_000 })
    const ended = { id: second.id, userId, why: 'crowded', endedAt: t0 + 2_000 }
    assert.deepEqual(await store().sessions.create(last, 1, 3), [ended])
    assert.equal(await read(second), null)
    assert.ok(await read(first))
  })

  test('sessions.rotate takes the token used last until its successor is used, and no other', async () => {
    const session = await logIn(await aUser())
    assert.equal(await rotate(session, shown(0, 'guessed')), false)
    assert.equal(await rotate(session, shown(1)), false)
    assert.equal(await rotate(session, shown(0), t0 + 1), true)
    assert.equal(await rotate(session, shown(0), t0 + 2), true)
    assert.deepEqual(await read(session), {
      ...session,
      nextHash: 'hash 1',
      refreshedAt: t0 + 2,
      expiresAt: t0 + 2 + monthMs,
    })
    assert.equal(await rotate(session, shown(1, 'guessed')), false)
    assert.equal(await rotate(session, shown(1), t0 + 3), true)
    assert.equal(await rotate(session, shown(0), t0 + 4), false)
    assert.deepEqual(await read(session), {
      ...session,
      count: 1,
      hash: 'hash 1',
      nextHash: 'hash 2',
      refreshedAt: t0 + 3,
      expiresAt: t0 + 3 + monthMs,
    })
    assert.equal(await rotate(aSession(), shown(0)), false)
  })

  test('sessions.end ends one once, sessions.endAll all but one, and both tell which', async () => {
    const { sessions } = store()
    const userId = await aUser()
    const [one, two, three, own] = await Promise.all(numbers(1, 4).map(() => logIn(userId)))
    assert.ok(one && two && three && own)
    const other = await logIn(await aUser())
    const end = { id: one.id, userId, why: 'logged_out', endedAt: t0 + 1 }
    assert.deepEqual(await sessions.end(one.id, 'logged_out', t0 + 1), end)
    assert.equal(await sessions.end(one.id, 'disabled', t0 + 2), null)
    assert.equal(await sessions.end(newId(), 'disabled', t0 + 2), null)
    assert.equal(await read(one), null)
    assert.equal(await rotate(one, shown(0)), false)

    const ended = await sessions.endAll(userId, 'password_changed', t0 + 3, own.id)
    assert.deepEqual(ended.map(({ id }) => id).toSorted(), [two.id, three.id].toSorted())
    assert.ok(ended.every(({ why, endedAt }) => why === 'password_changed' && endedAt === t0 + 3))
    assert.deepEqual(await read(own), own)
    assert.equal((await sessions.endAll(userId, 'disabled', t0 + 4)).length, 1)
    assert.deepEqual(await sessions.endAll(userId, 'disabled', t0 + 5), [])
    assert.deepEqual(await read(other), other)
  })

  test('sessions.listEnded tells those that ended, in order, page by page', async () => {
    const { sessions } = store()
    const userId = await aUser()
    const made = await Promise.all(numbers(1, 6).map(() => logIn(userId)))
    // Nobody else ends sessions in this year.
    const later = Date.UTC(2031, 0, 1)
    const wanted: EndedSession[] = []
    for (const [i, { id }] of made.entries()) {
      const ended = await sessions.end(id, 'logged_out', later + Math.floor(i / 3))
      assert.ok(ended)
      wanted.push(ended)
    }
    wanted.sort((a, b) => a.endedAt - b.endedAt || (a.id < b.id ? -1 : 1))
    const found: EndedSession[] = []
    for (let after = { endedAt: later - 1, id: '' }; ; ) {
      const page = await sessions.listEnded(after, 2)
      found.push(...page)
      after = page.at(-1) ?? after
      if (page.length < 2) break
    }
    assert.deepEqual(found, wanted)
  })

  test('no session outlives the end of all, however late its login', async () => {
    const { accounts, sessions } = store()
    for (const _ of numbers(1, 10)) {
      const userId = await aUser()
      const session = aSession({ userId })
      const disable = async () => {
        await accounts.setDisabled(userId, true, t0)
        return sessions.endAll(userId, 'disabled', t0)
      }
      await Promise.all([sessions.create(session, 1, 10), disable()])
      assert.equal(await read(session), null)
    }
  })
}
