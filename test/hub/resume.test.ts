import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Change } from '../../src/domain/change.ts'
import { createPageTurns } from '../../src/hub/page-turns.ts'
import { resumePoint } from '../../src/hub/resume.ts'
import type { Store } from '../../src/store/store.ts'
import { aChange, numbers } from '../support/samples.ts'

/** Why one who has seen ten messages and no change can't go on, in a group with these changes; undefined if they can. */
async function refusal(maxReplay: number, changes: readonly Change[], seq = 10) {
  let reads = 0
  const log: Pick<Store['log'], 'read' | 'readStart'> = {
    async read(_, after, limit) {
      reads++
      return { messages: [], changes: changes.filter(({ rev }) => rev > after.rev).slice(0, limit) }
    },
    readStart: async () => 0,
  }
  const head = { seq, rev: changes.length, deleted: 0 }
  const deps = { store: { epoch: 'e', log } as Store, pageTurns: createPageTurns(), maxReplay }
  const { resync } = await resumePoint(deps, 'g', 'e.10.0', head)
  return { resync, reads }
}

const change = (type: string, rev: number, messageSeq: number): Change =>
  aChange(type, {
    groupId: 'g',
    rev,
    seq: 10,
    messageId: `m${messageSeq}`,
    messageSeq,
    ver: rev + 1,
    data: type === 'reactions' ? { emoji: '👍', user_id: 'ann', added: true } : {},
  })

const edits = (count: number) => numbers(1, count).map((rev) => change('message_updated', rev, 1))

test('edits are looked through up to ten times MAX_REPLAY, and ten thousand of them at least', async () => {
  assert.equal((await refusal(1, edits(10_000))).resync, undefined)
  assert.deepEqual(await refusal(1, edits(10_001)), { resync: 'too_far_behind', reads: 0 })
  assert.equal((await refusal(2_000, edits(20_000))).resync, undefined)
  assert.equal((await refusal(2_000, edits(20_001))).resync, 'too_far_behind')
})

test('what need not be looked through is not', async () => {
  assert.deepEqual(await refusal(100, edits(100)), { resync: undefined, reads: 0 })
  assert.deepEqual(await refusal(100, [], 111), { resync: 'too_far_behind', reads: 0 })
  const other = numbers(1, 5_000).map((rev) => change('message_updated', rev, rev % 10))
  assert.deepEqual(await refusal(5, other), { resync: 'too_far_behind', reads: 1 })
})

test('the end of a message takes back what else was counted of it, and an edit after it brings that back', async () => {
  const types = ['reactions', 'message_updated', 'message_deleted']
  const gone = numbers(0, 11).map((i) => change(types[i % 3] ?? '', i + 1, Math.floor(i / 3)))
  assert.equal((await refusal(4, gone)).resync, undefined)
  assert.equal((await refusal(3, gone)).resync, 'too_far_behind')
  const back = [...gone, change('message_updated', 13, 0)]
  assert.equal((await refusal(5, back)).resync, undefined)
  assert.equal((await refusal(4, back)).resync, 'too_far_behind')
})

test('changes of messages that are told themselves are not counted', async () => {
  const changes = numbers(1, 50).map((rev) => change('message_updated', rev, 11))
  assert.equal((await refusal(1, changes, 11)).resync, undefined)
})
