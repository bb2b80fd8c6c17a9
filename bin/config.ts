import { describeConfig } from '../src/config.ts'
import { print, readArguments } from './command.ts'
import { loadConfig } from './environment.ts'

export const help = `Usage: chat-api config

Prints every setting with the value in effect, as .env would hold it; secrets are masked. "# set" marks what is
not the default. Exits with 78 and a list of all mistakes when the configuration is wrong.`

export async function run(argv: string[]): Promise<number> {
  readArguments(argv, {})
  return print(describeConfig(loadConfig()))
}
