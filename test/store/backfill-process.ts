/** A process that numbers the items of a folder (backfill-writer.ts) in the background, and tells of it. Made to be killed. */
import { writeSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { startBackfill } from '../../src/store/backfill.ts'
import { itemCount, numberItems, openItems } from './backfill-writer.ts'

const [dataDir = ''] = process.argv.slice(2)
const { queue, steps } = await openItems(dataDir, [numberItems])
await queue.write('fill', itemCount)
if (await steps[0]?.isDone()) process.exit(0)
const tell = (event: string) => writeSync(1, `${event}\n`)
startBackfill({
  steps,
  leases: { take: async () => true, release: async () => process.exit(0) },
  log: { info: tell, warn: tell },
  quietMs: 0,
  wait: async () => void (await nextTurn()),
})
