import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Account } from '../../src/domain/account.ts'
import type { Store } from '../../src/store/store.ts'
import { failsWith, newId, numbers, t0 } from '../support/samples.ts'

export const anAccount = (given: Partial<Account> = {}): Account => ({
  id: newId(),
  passwordHash: '$argon2id$one',
  passwordVer: 1,
  disabled: false,
  createdAt: t0,
  updatedAt: t0,
  ...given,
})

export function accountContract(store: () => Store): void {
  test('accounts.create keeps an account as it is, once', async () => {
    const account = anAccount({ disabled: true, passwordVer: 3, updatedAt: t0 + 1 })
    await store().accounts.create(account)
    assert.deepEqual(await store().accounts.read(account.id), account)
    await assert.rejects(store().accounts.create(anAccount({ id: account.id })), failsWith('conflict'))
    assert.deepEqual(await store().accounts.read(account.id), account)
    assert.equal(await store().accounts.read(newId()), null)
  })

  test('accounts.setPassword counts passwords, and accounts.renewHash does not', async () => {
    const { accounts } = store()
    const account = anAccount()
    await accounts.create(account)
    const changed = { ...account, passwordHash: 'two', passwordVer: 2, updatedAt: t0 + 5 }
    assert.deepEqual(await accounts.setPassword(account.id, 'two', t0 + 5), changed)
    await accounts.renewHash(account.id, 'one', 'three')
    assert.deepEqual(await accounts.read(account.id), changed)
    await accounts.renewHash(account.id, 'two', 'three')
    assert.deepEqual(await accounts.read(account.id), { ...changed, passwordHash: 'three' })
    assert.equal(await accounts.setPassword(newId(), 'two', t0), null)
  })

  test('accounts.setDisabled goes both ways, and accounts.remove for good', async () => {
    const { accounts } = store()
    const account = anAccount()
    await accounts.create(account)
    const disabled = { ...account, disabled: true, updatedAt: t0 + 1 }
    assert.deepEqual(await accounts.setDisabled(account.id, true, t0 + 1), disabled)
    assert.deepEqual(await accounts.setDisabled(account.id, false, t0 + 2), { ...account, updatedAt: t0 + 2 })
    assert.equal(await accounts.setDisabled(newId(), true, t0), null)
    assert.equal(await accounts.remove(account.id), true)
    assert.equal(await accounts.remove(account.id), false)
    assert.equal(await accounts.read(account.id), null)
  })

  test('accounts.list tells them in the order of their ids, page by page', async () => {
    const { accounts } = store()
    const made = await Promise.all(
      numbers(1, 5)
        .map(() => anAccount())
        .map(async (account) => {
          await accounts.create(account)
          return account.id
        }),
    )
    const found: string[] = []
    for (let after: string | null = null; ; ) {
      const page = await accounts.list(after, 2)
      if (page.length === 0) break
      found.push(...page.map(({ id }) => id))
      after = found.at(-1) ?? null
    }
    assert.deepEqual(found, found.toSorted())
    assert.deepEqual(
      found.filter((id) => made.includes(id)),
      made.toSorted(),
    )
  })
}
