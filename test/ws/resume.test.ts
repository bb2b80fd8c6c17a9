import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { MessageView } from '../../src/domain/message.ts'
import { inSomeTurn } from '../support/eventually.ts'
import { startService } from '../support/service.ts'
import type { Frame } from '../support/socket.ts'

const groups = 40
const missed = 8
const text = '🎈'.repeat(10_000)

test('one who resumes many groups at once, far more than the buffer holds, has it all at the first attempt', async (t) => {
  const warnings = collectWarnings(t)
  await using service = await startService({ WS_MAX_BUFFER: '65536' })
  const alice = await service.api('alice')
  const resumes = Array.from({ length: groups }, async (_, i) => {
    const { id } = await alice.createGroup(`group ${i}`, ['bob'])
    const { body } = await alice.call('GET', `/groups/${id}/messages`)
    for (let n = 0; n < missed; n++) await alice.send(id, text)
    return { type: 'subscribe', group_id: id, after: body.cursor }
  })
  const frames = await Promise.all(resumes)
  const socket = await service.socket('bob', '/ws?subscribe=none')
  // Nothing is read until all have begun: together they would fill any buffer.
  socket.ws.pause()
  for (const frame of frames) socket.send(frame)
  const hasBegun = () => service.logged.filter((line) => line.includes('socket_resumed')).length === groups
  await inSomeTurn(hasBegun)
  socket.ws.resume()
  const isMessage = (frame: Frame) => frame.type === 'new_message'
  for (let i = 0; i < groups * missed; i++) await socket.next(isMessage)
  for (const { group_id } of frames) {
    const heard = socket.frames.filter((frame) => isMessage(frame) && frame.group_id === group_id)
    assert.deepEqual(
      heard.map((frame) => (frame.message as MessageView).seq),
      Array.from({ length: missed }, (_, i) => i + 1),
    )
  }
  await socket.close()
  assert.deepEqual(warnings, [], 'nor do listeners pile up')
})

function collectWarnings(t: TestContext): string[] {
  const warnings: string[] = []
  const add = ({ name }: Error) => warnings.push(name)
  process.on('warning', add)
  t.after(() => process.off('warning', add))
  return warnings
}
