import { rebuildSearchIndex } from '../src/consumers/search-index.ts'
import { openForCommand } from '../src/store/open.ts'
import { Failure, print, readArguments } from './command.ts'
import { loadConfig } from './environment.ts'

export const help = `Usage: chat-api reindex

Builds the index of the messages' words anew, by which they are searched. On SQLite the service has to be stopped. On MongoDB it may
go on; until this is done, not all is found. If it is interrupted, run it again, or start a service, which builds the index beside what
else it does.`

const toldEveryMs = 5_000

export async function run(argv: string[]): Promise<number> {
  readArguments(argv, {})
  const config = loadConfig()
  if (!config.search) throw new Failure('Nothing is searched with SEARCH=off, so there is no index.')
  const store = await openForCommand(config, config.maxGroupMembers)
  let done = { groups: 0, messages: 0 }
  let toldAt = performance.now()
  try {
    await rebuildSearchIndex(store, (groups, messages) => {
      done = { groups, messages }
      if (performance.now() - toldAt < toldEveryMs) return
      toldAt = performance.now()
      print(progress(done))
    })
  } finally {
    await store.close()
  }
  return print(`Done: ${progress(done)}`)
}

const progress = ({ groups, messages }: { groups: number; messages: number }): string =>
  `${messages} messages in ${groups} groups`
