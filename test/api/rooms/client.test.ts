import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { after, test } from 'node:test'
import { readDocument } from '../../support/document.ts'
import { eventually } from '../../support/eventually.ts'
import { watchProcess } from '../../support/process.ts'
import { startRest } from '../../support/rest.ts'
import { skipWithout } from '../../support/skip.ts'
import { enter, type RoomItem } from './support.ts'

/** The clients of docs/dialects/rooms.md, run as they stand there. */
const { code } = readDocument('dialects/rooms.md')
const rest = await startRest()
after(rest.close)
const { service, root } = rest

for (const [username, password] of [
  ['testuser', 'testpass123'],
  ['alice', 'alicepass123'],
] as const)
  assert.equal((await root('POST', '/users/', { body: { username, password } })).status, 201)

async function runs(command: string, args: string[], username: string): Promise<void> {
  const mia = await enter(service, 'general', 'mia')
  mia.send({ content: `before ${username}` })
  await mia.next(({ content }) => content === `before ${username}`)
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const { output, ended } = watchProcess(child)
  const heard = await mia.next('system')
  assert.equal(heard.content, `${username} joined the room`)
  const said = await mia.next(({ content }) => content === 'Good morning')
  assert.equal(said.username, username)
  mia.send({ content: `after ${username}` })
  await eventually('the answer is shown', () => output().includes(`after ${username}`))
  const shown = output()
  const places = [`before ${username}`, 'Good morning', `after ${username}`].map((text) =>
    shown.lastIndexOf(text),
  )
  assert.ok(
    places.every((place) => place >= 0),
    shown,
  )
  assert.deepEqual(
    places.toSorted((a, b) => a - b),
    places,
  )
  child.kill()
  await ended
  await mia.next(({ content }) => content === `${username} left the room`)
  const { body } = await root<RoomItem[]>('GET', '/chat/messages/general', { as: 'mia' })
  assert.ok(body.some(({ _id }) => _id === said._id))
  await mia.close()
}

const here = (program: string) => program.replaceAll('http://localhost:8000', service.url)

test('the one in JavaScript', () =>
  runs(process.execPath, ['--input-type=module', '-e', here(code('js'))], 'testuser'))

test(
  'the one in Python',
  {
    skip: skipWithout('python3', ['-c', 'import requests, websockets'], 'pip install requests websockets'),
  },
  () => runs('python3', ['-u', '-c', here(code('python'))], 'alice'),
)
