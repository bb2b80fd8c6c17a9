import { createSearch } from '../../../src/chat/search.ts'
import { limits } from '../../../src/domain/limits.ts'
import { textOnly } from '../../../src/domain/message.ts'
import { createTransact } from '../../../src/store/sqlite/engine/batch.ts'
import { databaseFile, openForWriting } from '../../../src/store/sqlite/engine/file.ts'
import { createWrites } from '../../../src/store/sqlite/writes.ts'
import { openIn } from '../../store/open.ts'
import { temporaryFolder } from '../../support/process.ts'
import { ratesFor } from '../../support/rates.ts'
import { aGroupRow, newId, numbers, t0, user } from '../../support/samples.ts'
import { median } from '../figures.ts'
import { post, runRequests } from '../load-requests.ts'
import { type Growth, held } from './growth.ts'
import { cpuMs } from './stall.ts'

const count = Number(process.env.MESSAGES ?? 1_000_000)
const groups = 100
const rounds = 40
const perTransaction = 2_000

/** What a search takes among many messages, in milliseconds of CPU: by the words that cost most, beside a word that few have. */
export async function search(): Promise<Growth[]> {
  using folder = temporaryFolder()
  fill(folder.path)
  const store = await openIn(folder.path)
  const { find } = createSearch({ store, now: Date.now, rates: ratesFor({ searches: 0 }) })
  const time = async (q: string): Promise<number> => {
    const once = () => find(user('ann'), { q, limit: 20, cursor: null })
    for (const _ of numbers(1, 5)) await once()
    const before = cpuMs()
    for (const _ of numbers(1, rounds)) await once()
    return (cpuMs() - before) / rounds
  }
  const rare = await time('rareword')
  const rows: Growth[] = []
  for (const [what, q] of [
    ['a word that every message has', 'every'],
    ['its beginning', 'ev'],
    ['a word that none has', 'nothing'],
    ['two words that half of the messages have each, and none both', 'odd even'],
    ['a word that all have without one that all have', 'every -message'],
    ['two words that all have, but not together', '"message every"'],
  ] as const) {
    const action = `search ${count.toLocaleString('en')} messages for ${what} (one that few have)`
    rows.push(...held(action, await time(q), rare, { ms: 20, ...(q === 'every' && { ratio: 2 }) }))
  }
  await store.close()
  return rows
}

/** Each message has the words `every` and `message`, every second one `odd`, the others `even`, and eight of its own. */
function fill(dataDir: string): void {
  const db = openForWriting(databaseFile(dataDir))
  const transact = createTransact(db)
  const writes = createWrites(db)
  const rows = numbers(1, groups).map((n) => aGroupRow(1, { name: `Group ${n}` }))
  transact(() => {
    for (const row of rows) writes['groups.create'](row, ['ann'], limits.groupMembers)
  })
  for (let sent = 0; sent < count; ) {
    const ids: string[] = []
    transact(() => {
      for (const end = Math.min(count, sent + perTransaction); sent < end; sent++) {
        const id = newId()
        ids.push(id)
        const content = `every message ${sent % 2 ? 'odd' : 'even'} ${words(sent)}${sent % (count / 40) ? '' : ' rareword'}`
        const message = { id, groupId: rows[sent % groups]?.id ?? '', senderId: 'ann', content }
        writes['messages.append'](
          { ...message, createdAt: t0 + sent * 100, clientId: null, ...textOnly, sendHash: null },
          user('ann'),
        )
      }
      for (let rest = ids; rest.length; ) rest = writes['search.putPortion'](rest)
    })
    for (let isMore = true; isMore; )
      transact(() => {
        isMore = writes['search.mergePortion']()
      })
    db.exec('PRAGMA wal_checkpoint(PASSIVE)')
  }
  db.close()
}

/** Of a vocabulary of 50,000, some words often and most of them seldom. */
const words = (n: number): string =>
  numbers(1, 8)
    .map((i) => Math.floor(50_000 ** (((n * 7_919 + i * 104_729) % 10_007) / 10_007)))
    .map((rank) =>
      (rank * 2_654_435_761).toString(26).replace(/[0-9]/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? ''),
    )
    .join(' ')

/** POST of messages by 32 senders: the time that one takes, with and without the index, in turn. */
export async function searchedSends(): Promise<Growth> {
  const names = ['ours', 'ours without search'] as const
  const perSecond = { ours: [] as number[], 'ours without search': [] as number[] }
  for (const _ of numbers(1, 5))
    for (const name of names) {
      const run = await runRequests(name, 4, (path, token) =>
        post(path, token, {
          content: 'Shall we have lunch at noon, or is tomorrow better for everybody else?',
        }),
      )
      perSecond[name].push(run.perSecond)
    }
  const [on, off] = [median(perSecond.ours), median(perSecond['ours without search'])]
  return {
    action: 'messages sent by 32 at once, where they are searched (where not): times fewer',
    large: `${on.toFixed(0)}/s`,
    small: `${off.toFixed(0)}/s`,
    figure: off / on,
    bound: 1.1,
  }
}
