import { existsSync } from 'node:fs'
import type { StoreLocation } from './backup.ts'
import type { LetterStore } from './letters.ts'
import { connect, defaultTimeouts } from './mongo/engine/connect.ts'
import { createLetters } from './mongo/letters.ts'
import { databaseFile } from './sqlite/engine/file.ts'
import { openLettersBeside } from './sqlite/letters-beside.ts'
import { StartError } from './start-error.ts'

/**
 * What `work` does with the letters, also while a service runs, which sees it within a second: nothing of them is kept in memory.
 * Throws StartError when there is no database, or none that answers.
 */
export async function withLetters<T>(
  { mongodbUrl, databaseName, dataDir }: StoreLocation,
  work: (letters: LetterStore) => Promise<T>,
): Promise<T> {
  if (mongodbUrl === null) {
    const file = databaseFile(dataDir)
    if (!existsSync(file)) throw new StartError(`There is no database: ${file}. Is DATA_DIR right?`)
    const { letters, close } = openLettersBeside(file)
    return work(letters).finally(close)
  }
  const connection = connect(mongodbUrl, databaseName, defaultTimeouts)
  try {
    await connection.open()
    return await work(createLetters(connection))
  } catch (cause) {
    throw new StartError(`MongoDB does not answer: ${(cause as Error).message}`, { cause })
  } finally {
    await connection.close()
  }
}
