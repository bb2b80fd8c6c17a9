import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { MessageView } from '../../src/domain/message.ts'
import { startService } from '../support/service.ts'
import type { Frame } from '../support/socket.ts'

const groups = 40
const missed = 20
const text = 'x'.repeat(4_000)

test('one who resumes many groups at once, far more than the buffer holds, has it all at the first attempt', async (t) => {
  const warnings = collectWarnings(t)
  await using service = await startService({ WS_MAX_BUFFER: '65536' })
  const alice = await service.api('alice')
  const cursors: { group_id: string; after: unknown }[] = []
  for (let i = 0; i < groups; i++) {
    const { id } = await alice.createGroup(`group ${i}`, ['bob'])
    cursors.push({ group_id: id, after: (await alice.call('GET', `/groups/${id}/messages`)).body.cursor })
    for (let n = 0; n < missed; n++) await alice.send(id, `${n} ${text}`)
  }
  const socket = await service.socket('bob', '/ws?subscribe=none')
  for (const cursor of cursors) socket.send({ type: 'subscribe', ...cursor })
  const isMessage = (frame: Frame) => frame.type === 'new_message'
  for (let i = 0; i < groups * missed; i++) await socket.next(isMessage)
  for (const { group_id } of cursors) {
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
