import { markRestored } from '../src/store/backup.ts'
import { print, readArguments } from './command.ts'
import { loadConfig } from './environment.ts'

export const help = `Usage: chat-api restored

To be run once after the database was restored from a backup, while the service is stopped. The numbers of messages
sent since the backup will be given again: this makes clients that saw the first ones fetch anew.`

export async function run(argv: string[]): Promise<number> {
  readArguments(argv, {})
  await markRestored(loadConfig())
  return print('Done: clients will fetch anew. Start the service now.')
}
