import { createMeasure } from '../blobs/measure.ts'
import type { Blobs } from '../blobs.ts'
import type { Records } from './records.ts'
import { CopyError, type Side } from './side.ts'

type FileRecord = Records['files']

const atOnce = 4
const mostNamed = 20

/** What was found of the bytes of files: how many files and bytes there are, and some of the ids of which neither side has any. */
export interface CheckedBlobs {
  readonly count: number
  readonly bytes: number
  readonly missing: readonly string[]
}

/** To be called before the files' records are kept, so that there is none without its bytes. May be called again. */
export const copyBlobs = (source: Side, target: Side, files: readonly FileRecord[]): Promise<void> =>
  someAtOnce(files.filter(hasBytes), async ({ id, sha256 }) => {
    const content = await source.blobs.read(id)
    if (!content) return
    // A copy that was cut may have left it, or a part of it.
    await target.blobs.remove(id)
    const written = await target.blobs.write(id, content)
    if (written.sha256 !== sha256) throw damaged(source.name, id)
  })

/** Reads all bytes of the target, and compares them with what the files' records say. Throws CopyError. */
export async function checkBlobs(source: Side, target: Side): Promise<CheckedBlobs> {
  const found = { count: 0, bytes: 0, missing: [] as string[] }
  for await (const { records } of target.nouns.files.dump(null))
    await someAtOnce(records.filter(hasBytes), async ({ id, size, sha256 }) => {
      found.count++
      const content = await target.blobs.read(id)
      if (content) {
        if ((await hashOf(content)) !== sha256) throw damaged(target.name, id)
        found.bytes += size
      } else if (await isThere(source.blobs, id))
        throw new CopyError(
          `The bytes of the file ${id} are missing in ${target.name}, and not in ${source.name}.`,
        )
      else if (found.missing.length < mostNamed) found.missing.push(id)
    })
  return found
}

const hasBytes = ({ gone }: FileRecord): boolean => !gone

const damaged = (name: string, id: string) =>
  new CopyError(
    `The bytes of the file ${id} in ${name} are not those that were uploaded. Delete the file, or restore a backup.`,
  )

async function someAtOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let i = 0; i < items.length; i += atOnce) await Promise.all(items.slice(i, i + atOnce).map(work))
}

async function hashOf(content: AsyncIterable<Uint8Array>): Promise<string> {
  const measure = createMeasure()
  for await (const _ of measure.through(content));
  return measure.end().sha256
}

async function isThere(blobs: Blobs, id: string): Promise<boolean> {
  const content = await blobs.read(id)
  for await (const _ of content ?? []) break
  return content !== null
}
