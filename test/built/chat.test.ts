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
    assert.match(alice.out(), /^\* Lobby: alice, bob, carol\n\d\d:\d\d alice: Welcome!/)
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
    const heard = [...alice.out().matchAll(/^\d\d:\d\d (\w+: (?:one|two|three).*)$/gm)].map(
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
    assert.match(out, /^\* There is no command \/who: nothing was sent\. \/quit leaves; .*type \/\/who$/m)
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
