import { backUp } from '../src/store/backup.ts'
import { Failure, print, readArguments } from './command.ts'
import { loadConfig } from './environment.ts'

export const help = `Usage: chat-api backup FILE

Copies the SQLite database in DATA_DIR into a new file, also while the service runs.
To restore: stop the service, put the file in place as DATA_DIR/chat.db (remove chat.db-wal and chat.db-shm),
run chat-api restored, start the service.`

export async function run(argv: string[]): Promise<number> {
  const [file = ''] = readArguments(argv, {}, ['FILE']).operands
  const config = loadConfig()
  try {
    backUp(config, file)
  } catch (error) {
    throw new Failure((error as Error).message)
  }
  return print(`Wrote ${file}`)
}
