import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Claims, Profile } from '../../src/domain/profile.ts'
import type { Store } from '../../src/store/store.ts'
import { failsWith, newId, numbers, t0 } from '../support/samples.ts'

const claims = (userId: string, over: Partial<Claims> = {}): Claims => ({
  userId,
  username: userId,
  name: null,
  email: null,
  issuedAt: null,
  ...over,
})

export function profileContract(store: () => Store): void {
  const profiles = () => store().profiles
  const see = async (of: Claims, at = t0): Promise<Profile> => only(await profiles().see([of], at))
  const read = async (userId: string): Promise<Profile> => only(await profiles().read([userId]))

  test('a user is known by what the token says from when it is first seen', async () => {
    const id = newId()
    const seen = await see(claims(id, { username: `${id}-mia`, name: 'Mia K.', email: 'mia@example.org' }))
    assert.deepEqual(seen, {
      id,
      number: seen.number,
      username: `${id}-mia`,
      displayName: 'Mia K.',
      email: 'mia@example.org',
      avatarUrl: null,
      createdAt: t0,
      lastSeenAt: t0,
      origin: 'token',
      claimedName: 'Mia K.',
      claimedAt: null,
    })
    assert.deepEqual(await read(id), seen)
    assert.deepEqual(await profiles().readNumbers([seen.number]), [seen])
    assert.deepEqual(await profiles().readByName(`${id.toUpperCase()}-MIA`), seen)
    assert.deepEqual(await profiles().read([newId()]), [])
    assert.equal(await profiles().readByName(newId()), null)
  })

  test('numbers are unlike each other, however many come at once', async () => {
    const run = newId()
    const batches = numbers(1, 10).map((b) => numbers(1, 20).map((n) => claims(`${run} ${b} ${n}`)))
    const found = (
      await Promise.all([
        ...batches.map((some) => profiles().see(some, t0)),
        ...batches.map((some) =>
          profiles().name(
            some.map(({ userId }) => userId),
            t0,
          ),
        ),
      ])
    ).flat()
    const byId = new Map(found.map(({ id, number }) => [id, number]))
    assert.equal(byId.size, 200)
    assert.equal(new Set(byId.values()).size, 200)
    // Each user has one number, whoever gave it.
    for (const { id, number } of found) assert.equal(byId.get(id), number)
  })

  test('what a later token says replaces what was said before; an earlier one says nothing new', async () => {
    const id = newId()
    const first = await see(claims(id, { name: 'Ann', issuedAt: t0 }))
    const later = await see(claims(id, { username: `${id}-2`, name: 'Anna', issuedAt: t0 + 1_000 }), t0 + 5)
    assert.deepEqual(later, {
      ...first,
      username: `${id}-2`,
      displayName: 'Anna',
      claimedName: 'Anna',
      claimedAt: t0 + 1_000,
      lastSeenAt: t0 + 5,
    })
    assert.deepEqual(await see(claims(id, { name: 'Ann', issuedAt: t0 }), t0 + 10), later)
    assert.equal(await profiles().readByName(id), null)
  })

  test('a name is its first holder’s; who comes later has it with a number, until another is wanted', async () => {
    const name = newId()
    const [first, second] = [
      await see(claims(newId(), { username: name })),
      claims(newId(), { username: name }),
    ]
    assert.equal(first.username, name)
    const late = await see({ ...second, username: name.toUpperCase() })
    assert.equal(late.username, `${name.toUpperCase()}~${late.number}`)
    assert.equal(late.displayName, name.toUpperCase())
    assert.deepEqual(await see({ ...second, username: name.toUpperCase() }), late)
    assert.deepEqual(await profiles().readByName(late.username), late)
    assert.equal((await profiles().readByName(name))?.id, first.id)
    const other = await see({ ...second, username: `${name}-b` })
    assert.equal(other.username, `${name}-b`)
  })

  test('of many who want one name at once, one has it', async () => {
    const name = newId()
    const seen = await Promise.all(numbers(1, 8).map((n) => see(claims(`${name} ${n}`, { username: name }))))
    assert.equal(seen.filter(({ username }) => username === name).length, 1)
    assert.equal(new Set(seen.map(({ username }) => username)).size, 8)
    const batch = await profiles().see(
      numbers(1, 8).map((n) => claims(`${name} late ${n}`, { username: name })),
      t0,
    )
    assert.equal(new Set(batch.map(({ username }) => username)).size, 8)
  })

  test('a name that looks like a numbered one is numbered itself', async () => {
    const name = `${newId()}~1`
    const seen = await see(claims(newId(), { username: name }))
    assert.equal(seen.username, `${name}~${seen.number}`)
    assert.deepEqual(await see(claims(seen.id, { username: name })), seen)
  })

  test('names are the same whatever their case, form or what can not be seen in them', async () => {
    const run = newId()
    await see(claims(newId(), { username: `${run}straße ﬁ` }))
    for (const same of ['STRASSE FI', 'stras\u200dse fi'])
      assert.match((await see(claims(newId(), { username: run + same }))).username, /~\d+$/, same)
  })

  test('who is named before being seen has a number, which stays', async () => {
    const id = newId()
    const stub = only(await profiles().name([id], t0))
    assert.deepEqual(stub, {
      id,
      number: stub.number,
      username: id,
      displayName: id,
      email: null,
      avatarUrl: null,
      createdAt: t0,
      lastSeenAt: null,
      origin: 'stub',
      claimedName: null,
      claimedAt: null,
    })
    assert.deepEqual(only(await profiles().name([id], t0 + 5)), stub)
    assert.deepEqual(await profiles().readByName(id), stub)
    const seen = await see(claims(id, { username: `${id}-x` }), t0 + 9)
    assert.deepEqual([seen.number, seen.createdAt, seen.lastSeenAt], [stub.number, t0, t0 + 9])
    assert.equal(await profiles().readByName(id), null)
  })

  test('a stub takes nobody’s name', async () => {
    const id = newId()
    await profiles().name([id], t0)
    const seen = await see(claims(newId(), { username: id }))
    assert.equal(seen.username, id)
    assert.equal((await profiles().readByName(id))?.id, seen.id)
    assert.equal((await see(claims(id))).username, `${id}~${(await read(id)).number}`)
  })

  test('one’s own display name stays until the token’s is another', async () => {
    const id = newId()
    const before = await see(claims(id, { name: 'Ann' }))
    const changed = await profiles().change(id, { displayName: 'Annie' })
    assert.deepEqual(changed, { before, after: { ...before, displayName: 'Annie' } })
    assert.deepEqual(await see(claims(id, { name: 'Ann' })), changed.after)
    const renamed = await see(claims(id, { name: 'Ann', username: `${id}-2` }))
    assert.deepEqual([renamed.username, renamed.displayName], [`${id}-2`, 'Annie'])
    assert.equal((await see(claims(id, { name: 'Anna' }))).displayName, 'Anna')
    await assert.rejects(profiles().change(newId(), { displayName: 'x' }), failsWith('not_found'))
  })

  test('a picture stays, whatever the token says', async () => {
    const id = newId()
    await see(claims(id))
    await profiles().change(id, { avatarUrl: '/avatars/1' })
    assert.equal((await see(claims(id, { name: 'Ann' }))).avatarUrl, '/avatars/1')
    const { before, after } = await profiles().change(id, { avatarUrl: null })
    assert.deepEqual([before.avatarUrl, after.avatarUrl], ['/avatars/1', null])
  })

  test('an account has its name and address for itself, and no token changes it', async () => {
    const name = newId()
    const email = `${name}@Example.org`
    const account = { id: newId(), username: name, displayName: 'Mia', email }
    const made = await profiles().register(account, t0)
    assert.deepEqual(made, {
      ...account,
      number: made.number,
      avatarUrl: null,
      createdAt: t0,
      lastSeenAt: null,
      origin: 'account',
      claimedName: null,
      claimedAt: null,
    })
    assert.deepEqual(await profiles().readByEmail(email.toUpperCase()), made)
    assert.deepEqual(await see(claims(account.id, { name: 'Eve' }), t0 + 1), made)
    const next = (over: object) => profiles().register({ ...account, id: newId(), email: null, ...over }, t0)
    await assert.rejects(next({ username: name.toUpperCase() }), failsWith('name_taken'))
    await assert.rejects(next({ username: newId(), email: email.toLowerCase() }), failsWith('email_taken'))
    await assert.rejects(next({ id: account.id, username: newId() }), failsWith('conflict'))
    assert.match((await see(claims(newId(), { username: name }))).username, /~\d+$/)
    const foreign = await see(claims(newId(), { email }))
    assert.equal(foreign.email, email)
    assert.equal((await profiles().readByEmail(email))?.id, account.id)

    const other = await next({ username: newId() })
    await assert.rejects(profiles().change(other.id, { email }), failsWith('email_taken'))
    assert.equal((await profiles().change(account.id, { email: null })).after.email, null)
    assert.equal(await profiles().readByEmail(email), null)
    assert.equal((await profiles().change(other.id, { email })).after.email, email)
    assert.equal((await profiles().readByEmail(email))?.id, other.id)
  })

  test('an account can’t have the name of somebody whom a token made known', async () => {
    const name = newId()
    await see(claims(newId(), { username: name }))
    const account = { id: newId(), username: name, displayName: 'Mia', email: null }
    await assert.rejects(profiles().register(account, t0), failsWith('name_taken'))
  })

  test('when a user was last here never goes back', async () => {
    const [ann, bob] = [newId(), newId()]
    await see(claims(ann), t0 + 10)
    await profiles().name([bob], t0)
    await profiles().touch([ann, bob, newId()], t0 + 5)
    assert.equal((await read(ann)).lastSeenAt, t0 + 10)
    assert.equal((await read(bob)).lastSeenAt, t0 + 5)
    await profiles().touch([ann], t0 + 20)
    assert.equal((await read(ann)).lastSeenAt, t0 + 20)
  })

  test('people are found by how their names and words of them begin, without case and accents', async () => {
    const run = newId()
    const people = [
      { username: `${run}zoë`, name: `${run}Ärger Müller-Lüdenscheidt` },
      { username: `b${run}`, name: `The ${run}ZOE  Two` },
      { username: `c${run}`, name: 'nobody' },
    ]
    const ids: string[] = []
    for (const person of people) ids.push((await see(claims(newId(), person))).id)
    const found = async (prefix: string, limit = 10) =>
      (await profiles().search(run + prefix, limit)).map(({ id }) => ids.indexOf(id))
    assert.deepEqual(await found('zoe'), [0, 1])
    assert.deepEqual(await found('ZOÉ'), [0, 1])
    assert.deepEqual(await found('zoe t'), [1])
    assert.deepEqual(await found('arger mull'), [0])
    assert.deepEqual(await found('', 10), [0, 1])
    assert.deepEqual(await found('', 1), [0])
    assert.deepEqual(await found('nobody'), [])
    assert.deepEqual(await profiles().search('', 10), [])
    const byWord = await profiles().search('lüdensch', 500)
    assert.ok(byWord.some(({ id }) => id === ids[0]))

    await see(claims(ids[0] ?? '', { username: `${run}yan`, name: `${run}Yan` }))
    assert.deepEqual(await found('zoe'), [1])
    assert.deepEqual(await found('ya'), [0])
    await profiles().change(ids[0] ?? '', { displayName: `x ${run}Own` })
    assert.deepEqual(await found('own'), [0])
    assert.deepEqual(await found('yan'), [0])
  })
}

function only(found: readonly Profile[]): Profile {
  assert.equal(found.length, 1)
  return found[0] as Profile
}
