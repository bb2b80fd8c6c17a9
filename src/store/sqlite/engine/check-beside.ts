import { Worker } from 'node:worker_threads'

/**
 * Reads the whole database once in a thread of its own, while it is used. `onDamage` is called when it is not sound.
 * Returns the way to end the check early.
 */
export function checkBeside(file: string, onDamage: (error: Error) => void): () => Promise<unknown> {
  // Run from the sources this file is TypeScript; in the bundle the checker lies beside it as JavaScript.
  const entry = import.meta.url.endsWith('.ts') ? './checker.ts' : './checker.js'
  const worker = new Worker(new URL(entry, import.meta.url), { workerData: file })
  worker.unref()
  worker.on('message', (message: { damage?: string | null }) => {
    if (typeof message.damage === 'string') onDamage(new Error(message.damage))
  })
  worker.on('error', (error) => onDamage(error instanceof Error ? error : new Error(String(error))))
  return () => worker.terminate()
}
