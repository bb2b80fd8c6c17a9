import { type CheckedBlobs, checkBlobs, copyBlobs } from './blobs.ts'
import { type Digest, digestOf } from './digest.ts'
import type { Journal } from './journal.ts'
import { type Noun, nouns, type Records, recordFormat } from './records.ts'
import { CopyError, type NounCopy, type Page, type Side } from './side.ts'

interface Deps {
  source: Side
  target: Side
  /** Milliseconds since 1970. */
  now: () => number
  /** Is told of each page. */
  onPage(step: 'copy' | 'check', noun: Noun, count: number): void
}

export interface Copied {
  /** By noun, the same on both sides. */
  readonly digests: ReadonlyMap<Noun, Digest>
  readonly blobs: CheckedBlobs
  /** The copy was whole before. */
  readonly wasWhole: boolean
}

/** A number that some records have. */
type Of = { readonly [N in Noun]?: (record: Records[N]) => number }

const hourMs = 3_600_000
/** What was counted by the hour is of use for so many hours, and stores drop it after that when they like. */
const hoursTold = 24
const lastHours: Of = {
  totals: ({ hour }) => hour,
  uploads: ({ hours }) => Math.max(...hours.map(({ hour }) => hour)),
}

/** The consumer that makes the index of words. Each store has an index of its own, so there it begins anew. */
const indexer = 'search'

/** What ends within so many milliseconds is not compared. */
const goesWithinMs = 24 * hourMs
const ends: Of = {
  sessions: ({ knownUntil }) => knownUntil,
  attempts: ({ until }) => until,
  remembered: ({ until }) => until,
}

/**
 * Copies all from one store into another, which is empty or has the beginning of this copy; then reads both whole, and compares them.
 * Throws CopyError. Nothing is lost when it is cut: it goes on from the journal in the target.
 */
export async function copy(deps: Deps): Promise<Copied> {
  const { source, target } = deps
  const epoch = await epochOf(source)
  const found = await target.journal()
  if (found) requireSame(found, epoch, target)
  else if (!(await target.isEmpty())) throw new CopyError(`There is other data in ${target.name}. ${emptyIt}`)
  const first: Journal = {
    format: recordFormat,
    epoch,
    at: deps.now(),
    noun: nouns[0],
    after: null,
    isWhole: false,
  }
  const journal = found ?? first
  if (!found) await target.keep(first)
  if (journal.noun !== null) await fillAll(deps, journal)
  if (!journal.isWhole) await target.complete()
  const digests = await check(deps, journal)
  const blobs = await checkBlobs(source, target)
  await source.requireUnused()
  await target.requireUnused()
  if (!journal.isWhole) await target.keep({ ...journal, noun: null, after: null, isWhole: true })
  return { digests, blobs, wasWhole: journal.isWhole }
}

const emptyIt = 'Give it a folder or a database that is empty.'

async function epochOf({ nouns, name }: Side): Promise<string> {
  for await (const { records } of nouns.settings.dump(null)) for (const { epoch } of records) return epoch
  throw new CopyError(`There is no data in ${name}.`)
}

function requireSame(journal: Journal, epoch: string, { name }: Side): void {
  if (journal.format !== recordFormat)
    throw new CopyError(`A copy into ${name} was begun by another version of chat-api. ${emptyIt}`)
  if (journal.epoch !== epoch) throw new CopyError(`There is a copy of other data in ${name}. ${emptyIt}`)
}

async function fillAll({ source, target, onPage }: Deps, journal: Journal): Promise<void> {
  for (const noun of nouns.slice(nouns.indexOf(journal.noun ?? nouns[0]))) {
    const after = noun === journal.noun ? journal.after : null
    for await (const { records, last } of ahead(pagesOf(source, noun, journal, after))) {
      if (noun === 'files') await copyBlobs(source, target, records as readonly Records['files'][])
      await target.keep({ ...journal, noun, after: last }, noun, records)
      onPage('copy', noun, records.length)
    }
    const next = nouns[nouns.indexOf(noun) + 1] ?? null
    await target.keep({ ...journal, noun: next, after: null })
  }
}

/** Both are read whole, so that neither what was cut nor a source that went on meanwhile stays unnoticed. */
async function check({ source, target, now, onPage }: Deps, journal: Journal): Promise<Map<Noun, Digest>> {
  const digests = new Map<Noun, Digest>()
  const different: string[] = []
  const at = now()
  for (const noun of nouns) {
    const [of, into] = await Promise.all([
      digestOf(comparable(noun, pagesOf(source, noun, journal, null), at), (count) =>
        onPage('check', noun, count),
      ),
      digestOf(comparable(noun, pagesOf(target, noun, journal, null), at)),
    ])
    digests.set(noun, of)
    if (of.count !== into.count || of.sum !== into.sum)
      different.push(`${noun} (${of.count} here, ${into.count} there)`)
  }
  if (!different.length) return digests
  const why = journal.isWhole
    ? `was copied from ${source.name} at ${new Date(journal.at).toISOString()}, and they are not the same any more`
    : `is not the same as ${source.name}, which may have been used since the copy was begun`
  throw new CopyError(`What is in ${target.name} ${why}: ${different.join(', ')}. ${emptyIt}`)
}

async function* pagesOf<N extends Noun>(
  { nouns }: Side,
  noun: N,
  { at }: Journal,
  after: string | null,
): AsyncIterable<Page<Records[N]>> {
  const copied: NounCopy<Records[N]> = nouns[noun]
  const lastHour = lastHours[noun] as ((record: Records[N]) => number) | undefined
  const since = Math.floor(at / hourMs) - hoursTold
  for await (const { records, last } of copied.dump(after))
    yield {
      records: records
        .filter((record) => !lastHour || lastHour(record) > since)
        .filter((record) => !('consumer' in record && record.consumer === indexer)),
      last,
    }
}

/** Pages as they are compared: without what goes by itself, on either side, while they are read. */
async function* comparable<N extends Noun>(
  noun: N,
  pages: AsyncIterable<Page<Records[N]>>,
  now: number,
): AsyncIterable<Page<object>> {
  const endOf = ends[noun] as ((record: Records[N]) => number) | undefined
  for await (const { records, last } of pages)
    yield {
      records: records
        .filter((record) => !endOf || endOf(record) > now + goesWithinMs)
        // Each store gives the entries of the audit keys of its own.
        .map((record) => (noun === 'audit' ? { ...record, key: null } : record)),
      last,
    }
}

/** Reads the next page while the last is dealt with. */
async function* ahead<T>(pages: AsyncIterable<T>): AsyncIterable<T> {
  const iterator = pages[Symbol.asyncIterator]()
  try {
    for (let next = iterator.next(); ; ) {
      const { done, value } = await next
      if (done) return
      next = iterator.next()
      // Whoever awaits it hears of its failure; until then it is not unheard.
      next.catch(() => undefined)
      yield value
    }
  } finally {
    await iterator.return?.()
  }
}
