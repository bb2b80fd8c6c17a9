import type { Report } from '../../src/observe/report.ts'
import { find, make, setLevel, setText } from '../parts/elements.ts'
import { copy } from './copy.ts'
import { count, none } from './format.ts'

export interface Column<Row> {
  label: string
  /** The value that rows are sorted by. Numbers are aligned to the right. */
  value(row: Row): string | number | null
  text?(row: Row): string
  level?(row: Row): string | null | undefined
  /** A click on the cell copies its text. */
  copies?: boolean
  /** The text may take several lines. */
  whole?: boolean
  /** The figure is of another time than the others. */
  isDim?(row: Row): boolean
  /** What is shown to a person who points at the cell, if not its text. */
  title?(row: Row): string
}

export interface Table<Row> {
  id: string
  rows(report: Report): readonly Row[]
  /** Identifies the row from one report to the next. */
  key(row: Row): string
  columns: Column<Row>[]
  /** Why there may be no rows although there is something to show, for the place of the rows. */
  unknown?(report: Report): string | undefined
  /** The rows can be sorted by a column. Without it they stay in the report's order. */
  sortable?: boolean
}

/** Shows a report's rows that hold the filter's text, which is in lower case. */
export type Show = (report: Report, filter: string) => void

/** Makes the table in its panel. A row that stays keeps its element, so that no focus or selection is lost. */
export function createTable<Row>({ id, rows, key, columns, unknown, sortable = false }: Table<Row>): Show {
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
  const hint = () =>
    panel.classList.toggle('more', scroll.scrollWidth - scroll.clientWidth - scroll.scrollLeft > 2)
  scroll.addEventListener('scroll', hint)
  const resized = new ResizeObserver(hint)
  resized.observe(scroll)
  resized.observe(table)

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
      if (column.whole) cell.className = 'whole'
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
        cell.title = column.title?.(row) ?? (column.copies ? `copy ${text}` : text)
        setLevel(cell, column.level?.(row))
        cell.classList.toggle('dim', column.isDim?.(row) ?? false)
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
