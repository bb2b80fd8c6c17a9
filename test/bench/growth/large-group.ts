import type { DatabaseSync } from 'node:sqlite'
import { groupTag } from '../../../src/domain/group.ts'
import { limits } from '../../../src/domain/limits.ts'
import { textOnly } from '../../../src/domain/message.ts'
import { createTransact } from '../../../src/store/sqlite/engine/batch.ts'
import { databaseFile, openForWriting } from '../../../src/store/sqlite/engine/file.ts'
import { membersPerStep } from '../../../src/store/sqlite/groups.ts'
import { createWrites } from '../../../src/store/sqlite/writes.ts'
import { temporaryFolder } from '../../support/process.ts'
import { admin, aGroupRow, newId, numbers, t0, user } from '../../support/samples.ts'
import { median } from '../figures.ts'
import { membersOf } from './fill-groups.ts'
import { type Growth, held } from './growth.ts'
import { cpuMs } from './stall.ts'

const rounds = 25

type Jobs = Record<'make' | 'add' | 'send' | 'remove', number[]>

/**
 * What one job of the SQLite writer takes for a group of 9,000 and for one of 10, in milliseconds of CPU with its commit: a step
 * of making it, adding one member, a send, deleting it. Who sends to another group waits for one such job at most.
 */
export async function largeGroup(): Promise<Growth[]> {
  using folder = temporaryFolder()
  const db = openForWriting(databaseFile(folder.path))
  const large: Jobs = { make: [], add: [], send: [], remove: [] }
  const small: Jobs = { make: [], add: [], send: [], remove: [] }
  for (const _ of numbers(1, rounds)) {
    work(db, 9_000, large)
    work(db, 10, small)
    db.exec('PRAGMA wal_checkpoint(PASSIVE)')
  }
  db.close()
  const beyond = (job: keyof Jobs, bound: number): Growth => {
    const [one, other] = [median(large[job]), median(small[job])]
    return {
      action: `${words[job]} a group of 9,000 members (of 10), a job of the writer: ms beyond`,
      large: `${one.toFixed(2)} ms`,
      small: `${other.toFixed(2)} ms`,
      figure: one - other,
      bound,
    }
  }
  return [
    beyond('make', 10),
    beyond('add', 10),
    beyond('remove', 10),
    ...held(
      'send to a group of 9,000 members (of 10), a job of the writer',
      median(large.send),
      median(small.send),
      {
        ms: 2,
        ratio: 1.5,
      },
    ),
  ]
}

const words = { make: 'make', add: 'add one to', send: 'send to', remove: 'delete' }

function work(db: DatabaseSync, count: number, jobs: Jobs): void {
  const transact = createTransact(db)
  const writes = createWrites(db)
  const job = (times: number[], run: () => unknown) => {
    const before = cpuMs()
    transact(() => void run())
    times.push(cpuMs() - before)
  }
  const userIds = membersOf(count)
  const row = aGroupRow(count, { name: 'Large' })
  const { id } = row
  const most = limits.groupMembers + 1
  const steps: number[] = []
  if (count <= membersPerStep) job(steps, () => writes['groups.create'](row, userIds, most))
  else {
    job(steps, () => writes['groups.beginDraft'](id, count, most))
    for (let from = 0; from < count; from += membersPerStep)
      job(steps, () => writes['groups.addToDraft'](row, userIds.slice(from, from + membersPerStep), from))
    job(steps, () => writes['groups.endDraft'](row))
  }
  jobs.make.push(Math.max(...steps))
  const ifTag = groupTag({ ...row, authorizedUserIds: userIds })
  job(jobs.add, () =>
    writes['groups.update'](id, { authorizedUserIds: [...userIds, 'new'], ifTag }, admin, t0, most),
  )
  for (const n of numbers(1, 20)) {
    const message = { id: newId(), groupId: id, senderId: 'new', content: `${n}`, createdAt: t0 }
    job(jobs.send, () =>
      writes['messages.append']({ ...message, clientId: null, ...textOnly, sendHash: null }, user('new')),
    )
  }
  job(jobs.remove, () => writes['groups.delete'](id, admin, t0))
}
