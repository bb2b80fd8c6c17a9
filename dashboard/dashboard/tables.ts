import type { Report } from '../../src/observe/report.ts'
import { type Level, levelOf } from '../../src/observe/thresholds.ts'
import { ms, number, share, time } from './format.ts'
import { type Column, createTable, type Show } from './table.ts'

type Endpoint = Report['endpoints'][number]
type Operation = Report['database']['operations'][number]
type Requested = Report['recent']['requests'][number]
type Actions = Report['performance']['actions']
type Happened = Report['recent']['websocket'][number]

const errorLevel = (rate: number) => worse(levelOf('error_rate', rate))
const timeLevel = (ms: number) => worse(levelOf('p99_ms', ms))
/** The level as a colour, but none for a good one: most rows are good, and green would distract. */
const worse = (level: Level) => (level === 'green' ? undefined : level)
const statusLevel = (status: number): string | undefined =>
  status >= 500 ? 'red' : status >= 400 ? 'orange' : undefined

/** The figures of the last minutes, or since the start where nothing happened in them. */
const lately = <Row extends { lately: object | null }>(row: Row): Row | NonNullable<Row['lately']> =>
  row.lately ?? row

const timeColumns = <Row extends Endpoint | Operation>(): Column<Row>[] =>
  (
    [
      ['avg ms', 'average_ms'],
      ['p95 ms', 'p95_ms'],
      ['p99 ms', 'p99_ms'],
      ['max ms', 'max_ms'],
    ] as const
  ).map(([label, field]) => ({
    label,
    value: (row) => lately(row)[field],
    text: (row) => number(lately(row)[field]),
    level: (row) => row.lately && timeLevel(row.lately[field]),
    isDim: (row) => !row.lately,
    title: (row) => `since the start: ${ms(row[field])}`,
  }))

const timeColumn = <Row extends { at: string }>(): Column<Row> => ({
  label: 'time',
  value: (row) => row.at,
  text: (row) => time(row.at),
  title: (row) => row.at,
})
const correlationColumn = <Row extends { correlation_id: string }>(): Column<Row> => ({
  label: 'correlation',
  value: (row) => row.correlation_id,
  copies: true,
  whole: true,
})

const requestColumns: Column<Requested>[] = [
  timeColumn(),
  { label: 'status', value: (row) => row.status, level: (row) => statusLevel(row.status) },
  { label: 'method', value: (row) => row.method },
  { label: 'path', value: (row) => row.path, copies: true, whole: true },
  {
    label: 'took',
    value: (row) => row.duration_ms,
    text: (row) => ms(row.duration_ms),
    level: (row) => timeLevel(row.duration_ms),
  },
  { label: 'user', value: (row) => row.user_id },
  correlationColumn(),
]

/** The columns of a request, with what went wrong after the status. */
const problemColumns: Column<Requested>[] = requestColumns.toSpliced(
  2,
  0,
  { label: 'code', value: (row) => row.code },
  { label: 'error', value: (row) => row.error, copies: true, whole: true },
)

const eventLevel: Readonly<Record<string, string>> = { slow: 'red', resync: 'orange', joined: 'green' }

const eventColumns: Column<Happened>[] = [
  timeColumn(),
  { label: 'event', value: (row) => row.event, level: (row) => eventLevel[row.event] },
  { label: 'user', value: (row) => row.user_id },
  { label: 'group', value: (row) => row.group_id, text: (row) => row.group_id ?? 'all' },
  { label: 'detail', value: (row) => row.detail },
  correlationColumn(),
]

const requestKey = (row: Requested) => `${row.at} ${row.correlation_id}`
const eventKey = (row: Happened) => `${row.at} ${row.event} ${row.group_id} ${row.correlation_id}`

/** Makes the tables. Returns what shows a report in them: the rows that hold the filter's text. */
export function createTables(): Show {
  const tables: Show[] = [
    createTable<Endpoint>({
      id: 'endpoints',
      rows: ({ endpoints }) => endpoints,
      key: (row) => `${row.method} ${row.route}`,
      sortable: true,
      columns: [
        { label: 'endpoint', value: (row) => `${row.method} ${row.route}` },
        { label: 'count', value: (row) => row.count },
        {
          label: 'errors',
          value: (row) => row.errors,
          level: (row) => (row.lately?.errors ? 'red' : undefined),
        },
        { label: '4xx', value: (row) => row.client_errors },
        {
          label: 'error rate',
          value: (row) => lately(row).error_rate,
          text: (row) => share(lately(row).error_rate),
          level: (row) => row.lately && errorLevel(row.lately.error_rate),
          isDim: (row) => !row.lately,
          title: (row) => `since the start: ${share(row.error_rate)}`,
        },
        ...timeColumns<Endpoint>(),
      ],
    }),
    createTable<Operation>({
      id: 'operations',
      rows: ({ database }) => database.operations,
      key: (row) => row.operation,
      sortable: true,
      columns: [
        { label: 'operation', value: (row) => row.operation },
        { label: 'count', value: (row) => row.count },
        {
          label: 'failures',
          value: (row) => row.failures,
          level: (row) => (row.lately?.errors ? 'red' : undefined),
        },
        ...timeColumns<Operation>(),
      ],
    }),
    createTable<Report['database']['most_active_groups'][number]>({
      id: 'active-groups',
      rows: ({ database }) => database.most_active_groups,
      key: (row) => row.id,
      unknown: ({ database }) =>
        database.groups === null ? 'not known while the database is away' : undefined,
      columns: [
        { label: 'group', value: (row) => row.name || null },
        { label: 'kind', value: (row) => (row.kind === 'direct' ? row.kind : row.visibility) },
        { label: 'members', value: (row) => row.members },
        { label: 'messages', value: (row) => row.messages },
        { label: 'deleted', value: (row) => row.deleted },
        { label: 'last message', value: (row) => row.last_activity, text: (row) => time(row.last_activity) },
        { label: 'id', value: (row) => row.id, copies: true },
      ],
    }),
    createTable<Actions['changes'][number]>({
      id: 'changes',
      rows: ({ performance }) => performance.actions.changes,
      key: (row) => row.type,
      columns: [
        { label: 'change', value: (row) => row.type },
        { label: 'in 5 min', value: (row) => row.lately },
        { label: 'count', value: (row) => row.count },
      ],
    }),
    createTable<Actions['rate_limited'][number]>({
      id: 'rate-limits',
      rows: ({ performance }) => performance.actions.rate_limited,
      key: (row) => row.what,
      columns: [
        { label: 'limit', value: (row) => row.what },
        {
          label: 'in 5 min',
          value: (row) => row.lately,
          level: (row) => (row.lately > 0 ? 'orange' : undefined),
        },
        { label: 'count', value: (row) => row.count },
      ],
    }),
    createTable<Report['websocket']['by_group'][number]>({
      id: 'by-group',
      rows: ({ websocket }) => websocket.by_group,
      key: (row) => row.id,
      columns: [
        { label: 'group', value: (row) => row.name || null },
        { label: 'sockets', value: (row) => row.connections },
        { label: 'users', value: (row) => row.users },
        { label: 'id', value: (row) => row.id, copies: true },
      ],
    }),
    createTable<Report['websocket']['by_user_count'][number]>({
      id: 'by-user-count',
      rows: ({ websocket }) => websocket.by_user_count,
      key: (row) => String(row.connections),
      columns: [
        {
          label: 'sockets',
          value: (row) => row.connections,
          text: (row) => (row.connections === 5 ? '5 or more' : String(row.connections)),
        },
        { label: 'users', value: (row) => row.users },
      ],
    }),
    ...(['errors', 'refused', 'slow', 'requests'] as const).map((kind) =>
      createTable<Requested>({
        id: kind,
        rows: ({ recent }) => recent[kind],
        key: requestKey,
        columns: kind === 'errors' || kind === 'refused' ? problemColumns : requestColumns,
      }),
    ),
    createTable<Happened>({
      id: 'socket-events',
      rows: ({ recent }) => recent.websocket,
      key: eventKey,
      columns: eventColumns,
    }),
    createTable<Happened>({
      id: 'comings',
      rows: ({ websocket }) => websocket.joins_and_leaves,
      key: eventKey,
      columns: eventColumns,
    }),
  ]
  return (report, filter) => {
    for (const show of tables) show(report, filter)
  }
}
