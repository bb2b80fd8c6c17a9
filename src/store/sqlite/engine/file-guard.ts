import { statSync } from 'node:fs'
import { every } from '../../../domain/every.ts'

/** How often the files are looked at, in milliseconds. */
const everyMs = 500

/**
 * Notices when a file of the database is removed, or another is put in its place. SQLite would go on writing into the
 * one that nobody can open any more, and everything acknowledged since would be gone after the next start.
 * `onLost` is called at most once. Returns the way to stop.
 */
export function guardFiles(files: readonly string[], onLost: (error: Error) => void): () => void {
  const known = files.map((file) => ({ file, id: identity(file) }))
  const stop = every(everyMs, () => {
    const lost = known.find(({ file, id }) => id !== null && identity(file) !== id)
    if (!lost) return
    stop()
    onLost(
      new Error(
        `${lost.file} was removed or replaced while the service was using it: what is written now would be lost. ` +
          'Stop the service before you touch its files; it stops now. Put the right file back and start it again.',
      ),
    )
  })
  return stop
}

/** null when there is no such file. The file is never opened here, because closing a descriptor would drop SQLite's locks. */
function identity(file: string): string | null {
  const found = statSync(file, { throwIfNoEntry: false, bigint: true })
  return found && found.nlink > 0n ? `${found.dev}:${found.ino}` : null
}
