import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { accountsAt, newName } from '../support/accounts.ts'
import { temporaryFolder } from '../support/process.ts'
import { startService } from '../support/service.ts'

/** All files below a folder, as one text. */
const contents = (folder: string): string =>
  readdirSync(folder, { recursive: true })
    .map((name) => join(folder, String(name)))
    .filter((file) => statSync(file).isFile())
    .map((file) => readFileSync(file, 'latin1'))
    .join('\n')

test('no password, hash or refresh token is in a log, a metric, an error or another’s answer', async () => {
  using folder = temporaryFolder()
  const onSqlite = process.env.TEST_STORE !== 'mongodb'
  const env = { LOG_SQL_QUERIES: 'true', ...(onSqlite && { DATA_DIR: folder.path }) }
  const service = await startService(env)
  const at = accountsAt(service.url)
  const answers: string[] = []
  const secrets = new Set<string>()
  const said = async (answering: ReturnType<typeof at.call>) => {
    const answer = await answering
    if (answer.status >= 300) answers.push(answer.text)
    if (answer.body.refresh_token) secrets.add(answer.body.refresh_token)
    if (answer.body.access_token) secrets.add(answer.body.access_token)
    return answer
  }
  const [first, second, wrong] = ['first-Secret-4711', 'second-Secret-4711', 'wrong-Secret-4711']
  for (const each of [first, second, wrong]) secrets.add(each)

  const username = newName()
  const { body: one } = await said(at.call('register', { username, password: first }))
  await said(at.call('register', { username, password: second }))
  await said(at.call('register', { username: wrong, password: first, email: first }))
  await said(at.call('register', { username: newName(), password: [first] }))
  await said(
    at.call('register', `{"password":"${first}"`, { headers: { 'content-type': 'application/json' } }),
  )
  await said(at.call(`login?password=${first}`, new URLSearchParams({ username, password: first })))
  for (let n = 0; n < 12; n++) await said(at.logIn(username, wrong))
  const { body: two } = await said(at.refresh(one.refresh_token))
  await said(at.refresh(two.refresh_token))
  await said(at.refresh(one.refresh_token))
  await said(at.call('password', { old: wrong, new: second }, { token: one.access_token }))
  await said(at.call('logout', { refresh_token: two.refresh_token }, { token: two.access_token }))
  const operator = await service.api('root', { scope: 'chat:admin' })
  for (const body of [{ password: second }, { password: wrong, disabled: true }, { password: [second] }])
    answers.push((await operator.call('PATCH', `/users/${one.user.id}`, { body })).text)
  answers.push((await operator.call('GET', '/audit')).text)
  for (const path of ['/metrics', '/dashboard/api/data', '/openapi.json'])
    answers.push(await (await fetch(service.url + path)).text())
  await service[Symbol.asyncDispose]()

  const shown = `${service.logged.join('\n')}\n${answers.join('\n')}`
  assert.ok(
    shown.includes('accounts.login') && shown.includes('sessions.rotate'),
    'the log tells what was done',
  )
  for (const secret of secrets) assert.ok(!shown.includes(secret), secret)
  assert.doesNotMatch(shown, /argon2id\$/)
  if (!onSqlite) return
  // The store itself has hashes only.
  const stored = contents(folder.path)
  assert.match(stored, /\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  for (const secret of secrets) assert.ok(!stored.includes(secret), secret)
})
