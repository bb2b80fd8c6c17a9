import { backUp } from '../src/store/backup.ts'
import { Failure, print, readArguments } from './command.ts'
import { loadConfig } from './environment.ts'

export const help = `Usage: chat-api backup FILE

Copies the SQLite database in DATA_DIR into a new file, and the files of messages into a folder beside it, FILE.files,
also while the service runs.
To restore: stop the service, put the file in place as DATA_DIR/chat.db (remove chat.db-wal and chat.db-shm) and the
folder as DATA_DIR/files, run chat-api restored, start the service. chat-api doctor tells whether any file is missing.`

export async function run(argv: string[]): Promise<number> {
  const [file = ''] = readArguments(argv, {}, ['FILE']).operands
  const config = loadConfig()
  try {
    const { folder, files } = backUp(config, file)
    return print(folder === null ? `Wrote ${file}` : `Wrote ${file}, and ${files} files into ${folder}`)
  } catch (error) {
    throw new Failure((error as Error).message)
  }
}
