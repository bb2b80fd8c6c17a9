import { mongoUrl } from '../src/setting.ts'
import type { StoreLocation } from '../src/store/backup.ts'
import { copy } from '../src/store/copy/copy.ts'
import { withSides } from '../src/store/copy/open.ts'
import { CopyError } from '../src/store/copy/side.ts'
import { Failure, print, readArguments, UsageError } from './command.ts'
import { loadConfig } from './environment.ts'

export const help = `Usage: chat-api copy --from URL|DIR --to URL|DIR

Copies all data of a stopped service into an empty database: from SQLite to MongoDB, back, or between two of a kind.
Clients go on where they were. It can be ended at any time: the same command goes on where it was. In the end
both sides are read whole and compared. The source stays as it is; until the copy is whole no service starts on the target.

  --from, --to  a folder, as DATA_DIR, or mongodb://HOST/DATABASE (without DATABASE that of DATABASE_NAME)`

const tellEveryMs = 2_000

export async function run(argv: string[]): Promise<number> {
  const { values } = readArguments(argv, { from: { type: 'string' }, to: { type: 'string' } })
  const from = locationOf('--from', values.from)
  const to = locationOf('--to', values.to)
  try {
    await withSides(from, to, async (source, target) => {
      print(`Copying ${source.name} to ${target.name}.`)
      const onPage = createProgress(() => performance.now())
      const { digests, blobs, wasWhole } = await copy({ source, target, now: Date.now, onPage })
      for (const [noun, { count, sum }] of digests)
        print(`  ${noun.padEnd(12)} ${String(count).padStart(12)}  ${sum}`)
      print(`  ${'bytes'.padEnd(12)} ${String(blobs.bytes).padStart(12)}  of ${blobs.count} files`)
      if (blobs.missing.length)
        print(`Of these files the bytes are missing on both sides: ${blobs.missing.join(', ')}`)
      print(
        wasWhole
          ? 'It was copied before, and both are the same.'
          : 'Done: both are the same. Start the service on the new database, and keep the old one until you are content.',
      )
    })
  } catch (error) {
    throw error instanceof CopyError ? new Failure(error.message) : error
  }
  return 0
}

function locationOf(option: string, text: string | undefined): StoreLocation {
  if (!text) throw new UsageError(`${option} is missing.`)
  if (!/^mongodb(\+srv)?:/.test(text)) {
    if (/^[a-z+]+:\/\//i.test(text)) throw new UsageError(`${option} is a folder, or a URL of MongoDB.`)
    return { mongodbUrl: null, databaseName: '', dataDir: text }
  }
  try {
    const mongodbUrl = mongoUrl.read(text)
    const [, named] = /^[^/]+\/\/[^/]+\/([^?]+)/.exec(mongodbUrl) ?? []
    return { mongodbUrl, databaseName: named ?? loadConfig().databaseName, dataDir: '' }
  } catch (error) {
    throw new UsageError(`${option}: ${(error as Error).message}`)
  }
}

/** Prints how far it is, now and then. */
function createProgress(clock: () => number): Parameters<typeof copy>[0]['onPage'] {
  const verbs = { copy: 'copied', check: 'checked' } as const
  let toldAt = clock()
  let lastAt = toldAt
  let present = { what: '', began: toldAt, count: 0 }
  return (step, noun, more) => {
    const what = `${noun} ${verbs[step]}`
    if (what !== present.what) present = { what, began: lastAt, count: 0 }
    present.count += more
    lastAt = clock()
    if (lastAt - toldAt < tellEveryMs) return
    toldAt = lastAt
    const rate = Math.round((present.count * 1_000) / Math.max(lastAt - present.began, 1))
    print(`  ${present.count} ${what}, ${rate} a second`)
  }
}
