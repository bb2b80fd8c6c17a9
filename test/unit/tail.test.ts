import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import type { Collection } from 'mongodb'
import { createTail } from '../../src/store/mongo/stream/tail.ts'
import { inSomeTurn } from '../support/eventually.ts'

test('a resume that fails is not tried again: the stream starts anew, and says that something may be missing', async () => {
  const watched: unknown[] = []
  let lost = 0
  const collection = {
    watch(_: unknown, { resumeAfter }: { resumeAfter?: unknown }) {
      watched.push(resumeAfter)
      let answers = 0
      return {
        resumeToken: `token ${watched.length}`,
        closed: false,
        close: async () => undefined,
        async tryNext() {
          // The first stream breaks after a while; no resume is ever answered; a new stream is.
          if (resumeAfter !== undefined || (watched.length === 1 && answers++ > 0)) throw new Error('broken')
          await turn()
          return null
        },
      }
    },
  }
  const tail = createTail({
    collection: collection as unknown as Collection,
    operations: ['insert'],
    onEvent: () => undefined,
    onLost: () => lost++,
    onError: () => undefined,
    onMissing: assert.fail,
  })
  await inSomeTurn(() => lost >= 2)
  await tail.stop()
  assert.deepEqual(watched, [undefined, 'token 1', undefined])
})
