import type { Report } from '../src/observe/report.ts'
import { copy } from './copy.ts'
import { count, ms, none, number, share, time } from './format.ts'
import { find, make, setLevel, setText } from './page.ts'

interface Column<Row> {
  label: string
  /** What is sorted by; numbers stand to the right. */
  value(row: Row): string | number | null
  text?(row: Row): string
  level?(row: Row): string | undefined
  /** One click copies it. */
  copies?: boolean
  /** Only its beginning is shown. */
  short?: boolean
}

interface Table<Row> {
  id: string
  rows(report: Report): readonly Row[]
  /** Tells rows apart from one report to the next. */
  key(row: Row): string
  columns: Column<Row>[]
  /** Why there may be no rows although there is something to show. */
  unknown?(report: Report): string | undefined
  /** Without it the rows stay in the order they came in. */
  sortable?: boolean
}

type Endpoint = Report['endpoints'][number]
type Operation = Report['database']['operations'][number]
type Requested = Report['recent']['requests'][number]
type Happened = Report['recent']['websocket'][number]

const errorLevel = (rate: number): string | undefined =>
  rate >= 0.05 ? 'red' : rate >= 0.01 ? 'orange' : undefined
const timeLevel = (value: number): string | undefined =>
  value > 5_000 ? 'red' : value > 1_000 ? 'orange' : undefined
const statusLevel = (status: number): string | undefined =>
  status >= 500 ? 'red' : status >= 400 ? 'orange' : undefined

const timeColumns = <
  Row extends Pick<Endpoint, 'average_ms' | 'p95_ms' | 'p99_ms' | 'max_ms'>,
>(): Column<Row>[] =>
  (
    [
      ['avg ms', 'average_ms'],
      ['p95 ms', 'p95_ms'],
      ['p99 ms', 'p99_ms'],
      ['max ms', 'max_ms'],
    ] as const
  ).map(([label, field]) => ({
    label,
    value: (row) => row[field],
    text: (row) => number(row[field]),
    level: (row) => timeLevel(row[field]),
  }))

const requestColumns: Column<Requested>[] = [
  { label: 'time', value: (row) => row.at, text: (row) => time(row.at) },
  { label: 'status', value: (row) => row.status, level: (row) => statusLevel(row.status) },
  { label: 'method', value: (row) => row.method },
  { label: 'path', value: (row) => row.path },
  {
    label: 'took',
    value: (row) => row.duration_ms,
    text: (row) => ms(row.duration_ms),
    level: (row) => timeLevel(row.duration_ms),
  },
  { label: 'user', value: (row) => row.user_id },
  { label: 'correlation', value: (row) => row.correlation_id, copies: true, short: true },
]

const eventLevel: Readonly<Record<string, string>> = { slow: 'red', resync: 'orange', joined: 'green' }

const eventColumns: Column<Happened>[] = [
  { label: 'time', value: (row) => row.at, text: (row) => time(row.at) },
  { label: 'event', value: (row) => row.event, level: (row) => eventLevel[row.event] },
  { label: 'user', value: (row) => row.user_id },
  { label: 'group', value: (row) => row.group_id, text: (row) => row.group_id ?? 'all' },
  { label: 'detail', value: (row) => row.detail },
  { label: 'correlation', value: (row) => row.correlation_id, copies: true, short: true },
]

const requestKey = (row: Requested) => `${row.at} ${row.correlation_id}`
const eventKey = (row: Happened) => `${row.at} ${row.event} ${row.group_id} ${row.correlation_id}`

type Show = (report: Report, filter: string) => void

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
        { label: 'errors', value: (row) => row.errors, level: (row) => (row.errors ? 'red' : undefined) },
        { label: '4xx', value: (row) => row.client_errors },
        {
          label: 'error rate',
          value: (row) => row.error_rate,
          text: (row) => share(row.error_rate),
          level: (row) => errorLevel(row.error_rate),
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
          level: (row) => (row.failures ? 'red' : undefined),
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
        { label: 'group', value: (row) => row.name },
        { label: 'messages', value: (row) => row.messages },
        { label: 'deleted', value: (row) => row.deleted },
        { label: 'last message', value: (row) => row.last_activity, text: (row) => time(row.last_activity) },
        { label: 'id', value: (row) => row.id, copies: true },
      ],
    }),
    createTable<Report['websocket']['by_group'][number]>({
      id: 'by-group',
      rows: ({ websocket }) => websocket.by_group,
      key: (row) => row.id,
      columns: [
        { label: 'group', value: (row) => row.id, copies: true },
        { label: 'connections', value: (row) => row.connections },
        { label: 'users', value: (row) => row.users },
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
    ...(['errors', 'slow', 'requests'] as const).map((kind) =>
      createTable<Requested>({
        id: kind,
        rows: ({ recent }) => recent[kind],
        key: requestKey,
        columns: requestColumns,
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

function createTable<Row>({ id, rows, key, columns, unknown, sortable = false }: Table<Row>): Show {
  const panel = find(id)
  const title = panel.querySelector('h2')?.textContent ?? ''
  const body = make('tbody')
  const empty = make('p', 'empty', 'nothing yet')
  const shown = new Map<string, { line: HTMLTableRowElement; cells: HTMLElement[] }>()
  let sort: { column: number; down: boolean } | undefined = sortable ? { column: 1, down: true } : undefined
  let last: { report: Report; filter: string } | undefined

  const heads = columns.map(({ label }, index) => {
    const head = make('th', '', sortable ? '' : label)
    head.scope = 'col'
    if (sortable) {
      const button = make('button', '', label)
      button.type = 'button'
      button.addEventListener('click', () => {
        sort = { column: index, down: sort?.column === index ? !sort.down : index > 0 }
        if (last) show(last.report, last.filter)
      })
      head.append(button)
    }
    return head
  })

  const table = make('table')
  const top = table.createTHead().insertRow()
  top.append(...heads)
  table.append(body)
  const scroll = make('div', 'scroll')
  scroll.tabIndex = 0
  scroll.setAttribute('role', 'region')
  scroll.setAttribute('aria-label', title)
  scroll.append(table, empty)
  panel.append(scroll)

  const textOf = (column: Column<Row>, row: Row): string => {
    if (column.text) return column.text(row)
    const value = column.value(row)
    return value === null ? none : typeof value === 'number' ? count(value) : value
  }

  function makeLine(row: Row): { line: HTMLTableRowElement; cells: HTMLElement[] } {
    const line = make('tr')
    const cells = columns.map((column, index) => {
      const cell = line.insertCell()
      if (typeof column.value(row) === 'number') {
        cell.className = 'number'
        heads[index]?.classList.add('number')
      }
      if (column.short) cell.className = 'short'
      if (!column.copies) return cell
      const button = make('button', 'copy')
      button.type = 'button'
      button.addEventListener('click', () => copy(button.textContent ?? ''))
      cell.append(button)
      return button
    })
    return { line, cells }
  }

  function sorted(list: readonly Row[]): readonly Row[] {
    const column = sort && columns[sort.column]
    if (!column || !sort) return list
    const sign = sort.down ? -1 : 1
    return list.toSorted((a, b) => sign * compare(column.value(a), column.value(b)))
  }

  function show(report: Report, filter: string): void {
    last = { report, filter }
    for (const [index, head] of heads.entries())
      if (sortable) head.ariaSort = sort?.column !== index ? 'none' : sort.down ? 'descending' : 'ascending'
    const all = rows(report)
    const wanted = sorted(all).filter((row) =>
      columns.some((column) => textOf(column, row).toLowerCase().includes(filter)),
    )
    const keys = new Set(wanted.map(key))
    for (const [known, { line }] of shown)
      if (!keys.has(known)) {
        line.remove()
        shown.delete(known)
      }
    for (const [index, row] of wanted.entries()) {
      const made = shown.get(key(row)) ?? makeLine(row)
      shown.set(key(row), made)
      for (const [i, column] of columns.entries()) {
        const cell = made.cells[i] as HTMLElement
        const text = textOf(column, row)
        setText(cell, text)
        cell.title = column.copies ? `copy ${text}` : text
        setLevel(cell, column.level?.(row))
      }
      if (body.rows[index] !== made.line) body.insertBefore(made.line, body.rows[index] ?? null)
    }
    table.hidden = wanted.length === 0
    empty.hidden = wanted.length > 0
    setText(empty, all.length > 0 ? `none of ${all.length} matches` : (unknown?.(report) ?? 'nothing yet'))
  }

  return show
}

function compare(a: string | number | null, b: string | number | null): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  return String(a ?? '').localeCompare(String(b ?? ''))
}
