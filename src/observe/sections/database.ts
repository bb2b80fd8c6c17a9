import type { StoreStats } from '../../store/stats.ts'
import type { Recently } from '../history.ts'
import { storeFaults } from '../metrics.ts'
import { latelyOf, round, share, times } from '../numbers.ts'
import type { Sources } from '../sources.ts'

export function databaseOf(
  { store, metrics }: Sources,
  stats: StoreStats | null,
  { operations: lately }: Recently,
) {
  const failures = new Map<string, number>()
  for (const [[operation = '', outcome = ''], { value }] of metrics.storeOutcomes.all)
    if (storeFaults.has(outcome)) failures.set(operation, (failures.get(operation) ?? 0) + value)
  const operations = [...metrics.storeDurations.all].map(([[operation = ''], durations]) => ({
    operation,
    count: durations.count,
    failures: failures.get(operation) ?? 0,
    ...times(durations),
    lately: latelyOf(lately.get(operation)),
  }))
  const { groups, messages, deleted, growth, bytes, files, erasures } = stats ?? {}
  return {
    kind: store.kind,
    connected: store.isUp(),
    latency_ms: store.latencyMs === null ? null : round(store.latencyMs),
    stream_lag_ms: store.lagMs(),
    search_lag_ms: store.searchLagMs(),
    groups: groups ?? null,
    messages: messages ?? null,
    active_messages: stats && stats.messages - stats.deleted,
    deleted_messages: deleted ?? null,
    deletion_rate: stats && share(stats.deleted, stats.messages),
    messages_per_group: stats && round(stats.groups === 0 ? 0 : stats.messages / stats.groups),
    open_reports: stats?.openReports ?? null,
    growth_24h: growth ?? null,
    size_bytes: bytes ?? null,
    files: files ?? null,
    erasures_under_way: erasures ?? null,
    most_active_groups: (stats?.active ?? []).map(
      ({ id, name, kind, visibility, memberCount, messages, deleted, lastAt }) => ({
        id,
        name,
        kind,
        visibility,
        members: memberCount,
        messages,
        deleted,
        last_activity: new Date(lastAt).toISOString(),
      }),
    ),
    operations: operations.sort((a, b) => b.count - a.count),
  }
}
