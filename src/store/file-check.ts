import type { Blobs } from './blobs.ts'
import type { Check } from './check.ts'

interface Deps {
  /** Ids of the files that are not gone, after this one, in their order. */
  listFiles(after: string | null): Promise<readonly string[]>
  /** Those of these ids whose bytes lie there. */
  present(ids: readonly string[]): Promise<readonly string[]>
  /** Those of these ids that are files, also gone ones. */
  known(ids: readonly string[]): Promise<readonly string[]>
  blobs: Pick<Blobs, 'list'>
}

/** Compares what is known of files with the bytes that there are. */
export async function checkFiles({ listFiles, present, known, blobs }: Deps): Promise<Check> {
  let [count, missing, leftOver] = [0, 0, 0]
  for (let ids = await listFiles(null); ids.length; ids = await listFiles(ids.at(-1) ?? null)) {
    count += ids.length
    missing += ids.length - (await present(ids)).length
  }
  for (let cursor: string | null = null; ; ) {
    const page: Awaited<ReturnType<Blobs['list']>> = await blobs.list(cursor)
    leftOver += page.ids.length - (await known(page.ids)).length
    cursor = page.next
    if (cursor === null) break
  }
  const what = 'files'
  const text = `${count} files`
  if (missing)
    return {
      level: 'fail',
      what,
      text: `${text}; the bytes of ${missing} are missing: put them back from a backup. Until then they are answered with 404.`,
    }
  if (leftOver > count && leftOver > 100)
    return {
      level: 'warn',
      what,
      text: `${text}, and the bytes of ${leftOver} that the database does not know: is it the right one? Else remove them by hand.`,
    }
  if (leftOver)
    return {
      level: 'ok',
      what,
      text: `${text}; ${leftOver} are on their way, or left over and will be removed within two hours`,
    }
  return { level: 'ok', what, text: `${text}, each with its bytes` }
}
