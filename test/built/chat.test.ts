import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { apiOf } from '../support/api.ts'
import { eventually } from '../support/eventually.ts'
import { builtFile, freePort, secret, spawnService, temporaryFolder, tokenFor } from '../support/process.ts'
import { gather, groupIn, run } from './command.ts'

/** Longer than a client pauses between two attempts. */
const until = (what: string, holds: () => boolean) => eventually(what, holds, 30_000)

test('demo, run twice, makes its groups once, and its curl lines work as printed', async () => {
  using folder = temporaryFolder()
  const service = await spawnService(folder.path)
  try {
    const env = { DATA_DIR: folder.path, PORT: new URL(service.url).port, JWT_SECRET: secret }
    const [first, second] = [await run(['demo'], env), await run(['demo'], env)]
    assert.deepEqual([first.code, second.code, first.err], [0, 0, ''])
    assert.equal(groupIn(first.out), groupIn(second.out))

    const lines = second.out.split('\n').filter((line) => line.startsWith('curl '))
    const answers = await Promise.all(lines.map((line) => promisify(execFile)('sh', ['-c', line])))
    const [groups, page, sent] = answers.map(({ stdout }) => JSON.parse(stdout))
    assert.deepEqual(groups.groups.map(({ name }: { name: string }) => name).toSorted(), ['Lobby', 'Lunch'])
    assert.ok(page.messages.length >= 3)
    assert.equal(sent.sender_id, 'alice')

    const socket = new WebSocket(/^ws:\S+$/m.exec(second.out)?.[0] ?? '')
    const [{ data }] = (await once(socket, 'message')) as [MessageEvent]
    assert.equal(JSON.parse(String(data)).type, 'connected')
    socket.close()
    await once(socket, 'close')

    const printed = second.out.split('\n')
    const [, address = '', token = ''] = /^(http:\S+)#token=(\S+)$/m.exec(second.out) ?? []
    const opened = await fetch(address, { headers: { accept: 'text/html' } })
    assert.match(await opened.text(), /id="service"/)
    assert.equal(printed[printed.indexOf('alice:') + 1], token)
    assert.equal((await fetch(/^http:\S+\/dashboard$/m.exec(second.out)?.[0] ?? '')).status, 200)
    for (const user of ['alice', 'bob', 'carol']) {
      const token = printed[printed.indexOf(`${user}:`) + 1]
      const headers = { authorization: `Bearer ${token}` }
      const answer = await fetch(`${service.url}/api/chat/groups`, { headers })
      assert.equal(answer.status, 200, `${user}'s token is a line by itself`)
    }
  } finally {
    await service.end('SIGTERM')
  }
})

test('demo and chat without a service say so', async () => {
  using folder = temporaryFolder()
  const env = { DATA_DIR: folder.path, PORT: `${await freePort()}` }
  for (const args of [['demo'], ['chat', '--sub', 'alice', '--group', 'a'.repeat(24)]]) {
    const { code, err } = await run(args, env)
    assert.equal(code, 1)
    assert.match(err, /^No service answers at http:.*npm start\n$/)
  }
})

test('two people chat in two terminals, also over a kill -9 of the service', async () => {
  using folder = temporaryFolder()
  const port = await freePort()
  const env = { DATA_DIR: folder.path, PORT: `${port}`, JWT_SECRET: secret }
  let service = await spawnService(folder.path, { PORT: `${port}` })
  const groupId = groupIn((await run(['demo'], env)).out)
  const open = (...who: string[]) => {
    const child = spawn(process.execPath, [builtFile, 'chat', '--group', groupId, ...who], {
      env: { PATH: process.env.PATH, ...env },
    })
    return { child, ...gather(child), say: (line: string) => child.stdin.write(`${line}\n`) }
  }
  const alice = open('--sub', 'alice')
  const bob = open('--token', await tokenFor('bob'))
  try {
    await until('both are there', () => [alice, bob].every((each) => each.out().includes('* connected as')))
    assert.match(alice.out(), /^\* Lobby: alice, bob, carol\n\d\d:\d\d #1 alice: Welcome!/)
    alice.say('one')
    await until('bob hears one', () => bob.out().includes('alice: one\n'))

    await service.end('SIGKILL')
    await until('bob knows', () => bob.out().includes('* connection lost'))
    bob.say('two, said while nobody listened')
    service = await spawnService(folder.path, { PORT: `${port}` })
    await until('alice hears two', () => alice.out().includes('bob: two, said while nobody listened\n'))

    bob.child.stdin.end('three, and gone\n')
    assert.deepEqual(await once(bob.child, 'close'), [0, null])
    await until('alice hears three', () => alice.out().includes('bob: three, and gone\n'))
    const heard = [...alice.out().matchAll(/^\d\d:\d\d #\d+ (\w+: (?:one|two|three).*)$/gm)].map(
      ([, line]) => line,
    )
    assert.deepEqual(heard, ['alice: one', 'bob: two, said while nobody listened', 'bob: three, and gone'])
  } finally {
    alice.child.kill()
    bob.child.kill()
    await service.end('SIGTERM')
  }
})

test('chat shows no control characters of other people', async () => {
  using folder = temporaryFolder()
  const service = await spawnService(folder.path)
  try {
    const env = { DATA_DIR: folder.path, PORT: new URL(service.url).port, JWT_SECRET: secret }
    const groupId = groupIn((await run(['demo'], env)).out)
    await fetch(`${service.url}/api/chat/groups/${groupId}/messages`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await tokenFor('carol')}`, 'content-type': 'application/json' },
      body: JSON.stringify({ content: 'red \u001b[31m, clear \u009b2J' }),
    })
    const { code, out } = await run(['chat', '--group', groupId, '--sub', 'alice'], env)
    assert.equal(code, 0)
    assert.match(out, /carol: red \ufffd\[31m, clear \ufffd2J\n/)
  } finally {
    await service.end('SIGTERM')
  }
})

test('a group is found by its name, and a slip that looks like a command is said to nobody', async () => {
  using folder = temporaryFolder()
  const service = await spawnService(folder.path)
  const env = { DATA_DIR: folder.path, PORT: new URL(service.url).port, JWT_SECRET: secret }
  const alice = apiOf(service.url, 'alice')
  const say = async (group: string, ...lines: string[]) => {
    const child = spawn(process.execPath, [builtFile, 'chat', '--sub', 'alice', '--group', group], {
      env: { PATH: process.env.PATH, ...env },
    })
    const { out, err } = gather(child)
    child.stdin.end(lines.map((line) => `${line}\n`).join(''))
    const [code] = await once(child, 'close')
    return { code, out: out(), err: err() }
  }
  try {
    const tea = await alice.createGroup('Tea Time', [])
    const said = async () => (await alice.history(tea.id)).map(({ content }) => content)

    const { code, out } = await say('Tea Time', '/who', ' /nick al', '//shrug', '1/2', '/quit', 'too late')
    assert.equal(code, 0)
    assert.match(out, /^\* There is no command \/who: nothing was sent\. \/help lists them; .*type \/\/who$/m)
    assert.match(out, /^\* There is no command \/nick: .*type \/\/nick al$/m)
    assert.deepEqual(await said(), ['/shrug', '1/2'])
    assert.equal((await say('tea time', 'small')).code, 0)
    assert.deepEqual((await said()).at(-1), 'small')

    const nowhere = await say('Coffee')
    assert.equal(nowhere.code, 1)
    assert.match(
      nowhere.err,
      new RegExp(`in no group called "Coffee"\\.\\nYour groups:\\n {2}${tea.id} {2}Tea Time\\n`),
    )
    const other = await alice.createGroup('Tea Time', [])
    const ambiguous = await say('Tea Time')
    assert.equal(ambiguous.code, 1)
    assert.match(ambiguous.err, /^2 of your groups are called that, give the id of one:\n/)
    for (const { id } of [tea, other]) assert.ok(ambiguous.err.includes(`  ${id}  Tea Time\n`))
  } finally {
    await service.end('SIGTERM')
  }
})

test('commands answer, react, edit, pin and delete, and everybody sees it', async () => {
  using folder = temporaryFolder()
  const service = await spawnService(folder.path)
  const env = { DATA_DIR: folder.path, PORT: new URL(service.url).port, JWT_SECRET: secret }
  const open = (...args: string[]) => {
    const child = spawn(process.execPath, [builtFile, 'chat', ...args], {
      env: { PATH: process.env.PATH, ...env },
    })
    return { child, ...gather(child), say: (line: string) => child.stdin.write(`${line}\n`) }
  }
  const { id } = await apiOf(service.url, 'alice').createGroup('Tea Time', ['bob'])
  const alice = open('--group', id, '--sub', 'alice')
  const bob = open('--group', id, '--sub', 'bob')
  try {
    await until('both are there', () => [alice, bob].every((each) => each.out().includes('* connected as')))
    const seen = async (line: string, by: 'alice' | 'bob', what: string) => {
      const [here, there] = by === 'alice' ? [alice, bob] : [bob, alice]
      here.say(line)
      await until(line, () => there.out().includes(what))
    }
    await seen('Tea?', 'alice', '#1 alice: Tea?\n')
    await seen('/reply 1 Yes', 'bob', '#2 bob (to #1): Yes\n')
    await seen('/react #2 👍', 'alice', '* alice reacted 👍 to #2\n')
    await seen('/unreact 2 👍', 'alice', '* alice took back 👍 to #2\n')
    await seen('/edit 2 No', 'bob', '#2 bob (to #1, edited): No\n')
    await seen('/pin 2', 'alice', '* alice pinned #2\n')
    await seen('/unpin 2', 'alice', '* #2 is not pinned any more\n')
    await seen('/role bob admin', 'alice', '* bob is an admin\n')
    await seen('/delete 2', 'bob', '* #2 was deleted.\n')

    const told = async (line: string, what: RegExp) => {
      alice.say(line)
      await until(line, () => what.test(alice.out()))
    }
    await told('/members', /^\* alice, owner, online\n\* bob, admin, online$/m)
    await told('/pins', /^\* Nothing is pinned\.$/m)
    await told('/reply 99 what', /^\* Not done: No message "99" is shown here/m)
    await told('/delete', /^\* Not done: No message "" is shown here/m)
    await told('/ban', /^\* Not done: The user is missing\.$/m)
    await told('/ban alice', /^\* Not done: [^{]*$/m)
    await told('/help', /^\* \/quit +leaves$/m)
    await told('/direct bob psst', /^\* Said\. To chat there: chat-api chat --direct bob --sub USER$/m)
    const here = open('--direct', 'alice', '--sub', 'bob')
    await until('what was said alone', () => here.out().includes('#1 alice: psst\n'))
    here.child.kill()

    await told('/invite', /--invite \w{22} /)
    const code = /--invite (\w{22}) /.exec(alice.out())?.[1] ?? ''
    const carol = open('--invite', code, '--sub', 'carol')
    await until('carol is in', () => alice.out().includes('* carol is now a member\n'))
    carol.child.kill()
    await seen('/ban carol noise', 'alice', '* carol is banned\n')
    await told('/bans', /^\* carol: noise$/m)
    await seen('/unban carol', 'alice', '')
    bob.child.kill()
    await once(bob.child, 'close')
    await apiOf(service.url, 'bob').send(id, 'While you were away')
    await until('what bob missed', () => alice.out().includes('While you were away'))
  } finally {
    for (const each of [alice, bob]) each.child.kill()
    await service.end('SIGTERM')
  }
})

test('/unread tells what is new elsewhere, and what was shown is read', async () => {
  using folder = temporaryFolder()
  const service = await spawnService(folder.path)
  const env = { DATA_DIR: folder.path, PORT: new URL(service.url).port, JWT_SECRET: secret }
  const alice = apiOf(service.url, 'alice')
  const tea = await alice.createGroup('Tea Time', ['bob'])
  const news = await alice.createGroup('News', ['bob'])
  for (const { id } of [tea, tea, news]) await alice.send(id, 'new')
  const bob = spawn(process.execPath, [builtFile, 'chat', '--group', news.id, '--sub', 'bob'], {
    env: { PATH: process.env.PATH, ...env },
  })
  const { out } = gather(bob)
  try {
    const newsOfBob = () => apiOf(service.url, 'bob').call('GET', `/groups/${news.id}`)
    await eventually('what is shown is read', async () => (await newsOfBob()).body.unread_count === 0, 30_000)
    bob.stdin.write('/unread\n')
    await until('the rest is told', () => out().includes('* Tea Time: 2\n'))
    assert.doesNotMatch(out(), /^\* News: \d/m)
  } finally {
    bob.kill()
    await service.end('SIGTERM')
  }
})

test('chat says why it cannot: no group, no member, a refused token', async () => {
  using folder = temporaryFolder()
  const service = await spawnService(folder.path)
  try {
    const env = { DATA_DIR: folder.path, PORT: new URL(service.url).port, JWT_SECRET: secret }
    const groupId = groupIn((await run(['demo'], env)).out)
    const noGroup = await run(['chat', '--sub', 'alice'], env)
    assert.equal(noGroup.code, 64)
    assert.match(noGroup.err, new RegExp(`${groupId} {2}Lobby`))
    const stranger = await run(['chat', '--sub', 'eve', '--group', groupId], env)
    assert.equal(stranger.code, 1)
    assert.match(stranger.err, /403: You are not a member/)
    const refused = await run(
      ['chat', '--token', await tokenFor('bob', { ttlS: -60 }), '--group', groupId],
      env,
    )
    assert.equal(refused.code, 1)
    assert.match(refused.err, /401: .*expired/)
  } finally {
    await service.end('SIGTERM')
  }
})
