import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type NewReport, openReport } from '../../src/domain/report.ts'
import type { Store } from '../../src/store/store.ts'
import { admin, aGroup, failsWith, newId, t0 } from '../support/samples.ts'

export function reportContract(store: () => Store): void {
  const aReport = (groupId: string, over: Partial<NewReport> = {}): NewReport => ({
    id: newId(),
    messageId: newId(),
    groupId,
    senderId: 'mallory',
    reporterId: 'bob',
    reason: 'spam',
    createdAt: t0,
    ...over,
  })

  test('a report is made once, and closed as often as somebody likes, which the audit tells', async () => {
    const { id: groupId } = await aGroup(store(), { members: ['bob'] })
    const { reports, audit } = store()
    const given = aReport(groupId)
    assert.deepEqual(await reports.add(given), { report: openReport(given), isNew: true })
    assert.deepEqual(await reports.add({ ...given, reason: 'other' }), {
      report: openReport(given),
      isNew: false,
    })
    await reports.decide(given.id, { status: 'resolved', note: 'done' }, admin, t0 + 1)
    const dismissed = await reports.decide(given.id, { status: 'dismissed' }, admin, t0 + 2)
    assert.deepEqual(dismissed, {
      ...given,
      status: 'dismissed',
      note: '',
      decidedBy: admin.userId,
      decidedAt: t0 + 2,
    })
    assert.deepEqual((await reports.add(given)).report, dismissed)
    assert.deepEqual(await reports.read(given.id), dismissed)
    assert.equal(await reports.read(newId()), null)
    await assert.rejects(reports.decide(newId(), { status: 'resolved' }, admin, t0), failsWith('not_found'))
    const { entries } = await audit.list({ groupId, limit: 9 })
    const deed = {
      groupId,
      userId: 'mallory',
      messageId: given.messageId,
      by: admin.userId,
      detail: { report_id: given.id },
    }
    assert.deepEqual(
      entries.map(({ id: _, ...each }) => each),
      [
        { ...deed, action: 'report_dismissed', at: t0 + 2 },
        { ...deed, action: 'report_resolved', at: t0 + 1 },
      ],
    )
  })

  test('pages of reports are newest first, of one status or all; a report goes with its group', async () => {
    const { id: groupId } = await aGroup(store(), { members: ['bob'] })
    const { reports } = store()
    const young = t0 + 1_000_000
    const made = [1, 2, 3, 4].map((n) => aReport(groupId, { createdAt: young + n }))
    for (const each of made) await reports.add(each)
    await reports.decide(made[1]?.id ?? '', { status: 'resolved' }, admin, t0)
    const times = async (query: { status?: 'open' | 'resolved' }) => {
      const found: number[] = []
      for (let before: string | null | undefined; before !== null; ) {
        const page = await reports.list({ ...query, limit: 2, ...(before && { before }) })
        found.push(...page.reports.map(({ createdAt }) => createdAt - young))
        before = page.next
      }
      return found.filter((n) => n > 0)
    }
    assert.deepEqual(await times({}), [4, 3, 2, 1])
    assert.deepEqual(await times({ status: 'open' }), [4, 3, 1])
    assert.deepEqual(await times({ status: 'resolved' }), [2])
    await assert.rejects(reports.list({ limit: 1, before: 'nonsense' }), failsWith('malformed'))
    await store().groups.delete(groupId, admin, t0)
    assert.deepEqual(await times({}), [])
  })

  test('whoever tells others of reports hears of each until they were told', async () => {
    const { id: groupId } = await aGroup(store(), { members: ['bob'] })
    const { reports } = store()
    const [first, second] = [aReport(groupId), aReport(groupId, { createdAt: t0 + 1 })]
    for (const each of [second, first]) await reports.add(each)
    const untold = async () => (await reports.untold(1_000)).filter((each) => each.groupId === groupId)
    assert.deepEqual(await untold(), [openReport(first), openReport(second)])
    await reports.told([first.id])
    assert.deepEqual(await untold(), [openReport(second)])
    await reports.add(first)
    assert.deepEqual(await untold(), [openReport(second)])
  })
}
