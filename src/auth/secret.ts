import { randomBytes } from 'node:crypto'
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where development keeps the secret it made for itself. */
export const secretFile = (dataDir: string): string => join(dataDir, 'jwt-secret')

/**
 * The secret kept in the data folder, made (48 random bytes, readable by the owner only) when there is none yet.
 * Throws when the folder can't be written. Two processes that start together get the same secret.
 */
export function keptSecret(dataDir: string): { secret: string; made: boolean } {
  const file = secretFile(dataDir)
  const known = readIfThere(file)
  if (known) return { secret: known, made: false }
  mkdirSync(dataDir, { recursive: true })
  const secret = randomBytes(48).toString('base64url')
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${secret}\n`, { mode: 0o600 })
  try {
    linkSync(draft, file) // a link is made whole or not at all, and never replaces the file of another process
    return { secret, made: true }
  } catch (error) {
    const theirs = readIfThere(file)
    if (!theirs) throw error
    return { secret: theirs, made: false }
  } finally {
    rmSync(draft)
  }
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
