import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createEditLast } from '../../dashboard/chat/composer/edit-last.ts'
import { createCell } from '../../dashboard/chat/model/cell.ts'
import type { Conversation, Timeline } from '../../dashboard/chat/model/types.ts'
import type { PendingSend } from '../../src/client/types.ts'
import { messageOf } from './model-samples.ts'

const empty: Timeline = {
  messages: [],
  pending: [],
  notices: [],
  isLoading: false,
  isStart: true,
  isEnd: true,
  unreadFrom: null,
}
const onItsWay = (state: PendingSend['state']): PendingSend => ({
  clientId: 'c',
  groupId: 'g',
  content: 'what?',
  state,
  queuedAt: 0,
  options: {},
})

function begin(first: Partial<Timeline>) {
  const timeline = createCell<Timeline>({ ...empty, ...first })
  const edited: (string | null)[] = []
  let isElsewhere = false
  const conversation = {
    timeline,
    edit: (id: string | null) => void edited.push(id),
  } as unknown as Conversation
  const editLast = createEditLast(
    { conversation, ownId: () => 'me', isElsewhere: () => isElsewhere },
    new AbortController().signal,
  )
  return {
    editLast,
    edited,
    show: (next: Partial<Timeline>) => timeline.set({ ...empty, ...next }),
    goElsewhere() {
      isElsewhere = true
    },
  }
}

const [others, own, deleted] = [
  messageOf(1),
  messageOf(2, { sender_id: 'me' }),
  messageOf(3, { sender_id: 'me', is_deleted: true }),
]

test('the last message of one’s own that is there is edited', () => {
  const { editLast, edited } = begin({ messages: [others, own, deleted, messageOf(4)] })
  assert.equal(editLast(), true)
  assert.deepEqual(edited, ['m2'])
})

test('where there is none nothing happens', () => {
  const { editLast, edited } = begin({ messages: [others], pending: [onItsWay('failed')] })
  assert.equal(editLast(), false)
  assert.deepEqual(edited, [])
})

test('one that is on its way is edited when it is there, once', () => {
  const { editLast, edited, show } = begin({ messages: [own], pending: [onItsWay('sending')] })
  assert.equal(editLast(), true)
  show({ messages: [own], pending: [onItsWay('waiting')] })
  assert.deepEqual(edited, [])
  const sent = messageOf(4, { sender_id: 'me' })
  show({ messages: [own, sent] })
  show({ messages: [own, sent, messageOf(5)] })
  assert.deepEqual(edited, ['m4'])
})

test('whoever goes on with something else meanwhile is left in peace', () => {
  const { editLast, edited, show, goElsewhere } = begin({ pending: [onItsWay('sending')] })
  assert.equal(editLast(), true)
  goElsewhere()
  show({ messages: [own] })
  assert.deepEqual(edited, [])
})
