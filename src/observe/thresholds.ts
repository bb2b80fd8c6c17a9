/** How a figure is: it is as it should be, it is worth a look, or somebody should act. */
export type Level = 'green' | 'orange' | 'red'

/** From these values on a figure is orange, or red. docs/operations.md says what to do. */
export const thresholds = {
  /** Share of requests answered with 5xx in the last five minutes. */
  error_rate: { orange: 0.01, red: 0.05 },
  /** Milliseconds, over the last five minutes. */
  average_ms: { orange: 200, red: 1_000 },
  p99_ms: { orange: 1_000, red: 5_000 },
  event_loop_p99_ms: { orange: 50, red: 200 },
  /** Percent of one core. */
  cpu_percent: { orange: 70, red: 90 },
  /** Percent of what there is. */
  process_memory_percent: { orange: 70, red: 90 },
  heap_percent: { orange: 70, red: 90 },
  system_memory_percent: { orange: 85, red: 95 },
  open_files_percent: { orange: 70, red: 90 },
  websockets_percent: { orange: 80, red: 95 },
  database_latency_ms: { orange: 100, red: 1_000 },
  stream_lag_ms: { orange: 2_000, red: 5_000 },
  search_lag_ms: { orange: 10_000, red: 3_600_000 },
  push_lag_ms: { orange: 10_000, red: 60_000 },
  webhook_lag_ms: { orange: 60_000, red: 3_600_000 },
  webhook_dead_letters: { orange: 1, red: 1_000 },
} as const
export type Figure = keyof typeof thresholds

export function levelOf(figure: Figure, value: number | null): Level {
  if (value === null) return 'green'
  const { orange, red } = thresholds[figure]
  return value >= red ? 'red' : value >= orange ? 'orange' : 'green'
}
