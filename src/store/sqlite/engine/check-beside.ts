import { Worker } from 'node:worker_threads'
import { forgetUnclean, noteDamage } from './unclean.ts'

/**
 * Reads the whole database once in a thread of its own, while it is used. `onDamage` is called when it is not sound. When it
 * can't be read for another reason, the next start checks it again. Returns the way to end the check early.
 */
export function checkBeside(file: string, onDamage: (error: Error) => void): () => Promise<unknown> {
  // Run from the sources this file is TypeScript; in the bundle the checker lies beside it as JavaScript.
  const entry = import.meta.url.endsWith('.ts') ? './checker.ts' : './checker.js'
  const worker = new Worker(new URL(entry, import.meta.url), { workerData: file })
  worker.unref()
  worker.on('message', ({ damage }: { damage?: string | null }) => {
    // Under `node --watch` a worker also says what it imports.
    if (damage === null) forgetUnclean(file)
    else if (damage !== undefined) {
      noteDamage(file)
      onDamage(new Error(`Can't go on with the database ${file}: ${damage}`))
    }
  })
  worker.on('error', () => {})
  return () => worker.terminate()
}
