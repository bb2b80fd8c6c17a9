/**
 * A process that writes: opens the store in the folder given, sends without a pause, and tells what came of it, one JSON
 * line for each thing. Made to be killed.
 */
import { writeSync } from 'node:fs'
import { ChatError } from '../../src/domain/errors.ts'
import { aSend, newGroup, numbers, user } from '../support/samples.ts'
import { openIn } from './open.ts'

export type Told =
  | { sent: string; seq: number }
  | { failed: string; code: string }
  | { refused: string }
  | { fatal: string }

export const group = newGroup({ id: 'a'.repeat(24), members: ['ann'], owner: 'ann' })

/** Written at once, so that it is told before the process can be killed. A pipe that nobody has emptied yet is waited for. */
function tell(told: Told): void {
  const line = Buffer.from(`${JSON.stringify(told)}\n`)
  for (let written = 0; written < line.length; ) {
    try {
      written += writeSync(1, line, written)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}

// The writer's file is another's, who removes it: this process may not live to do so.
const [dataDir, writer] = process.argv.slice(2)
if (dataDir && writer && import.meta.main) await run(dataDir, new URL(writer))

async function run(dataDir: string, writerFile: URL): Promise<void> {
  try {
    const onFatal = (error: Error) => tell({ fatal: error.message })
    const store = await openIn(dataDir, { onFatal, writerFile })
    if (!(await store.groups.read(group.id))) await store.groups.create(group)
    const sendForever = async () => {
      for (;;) {
        const send = aSend(group)
        try {
          const { value: message } = await store.messages.append(send, user('ann'))
          tell({ sent: message.id, seq: message.seq })
        } catch (error) {
          tell({ failed: send.id, code: error instanceof ChatError ? error.code : String(error) })
          return
        }
      }
    }
    await Promise.all(numbers(1, 16).map(sendForever))
    process.exit(3)
  } catch (error) {
    tell({ refused: error instanceof Error ? error.message : String(error) })
    process.exit(4)
  }
}
