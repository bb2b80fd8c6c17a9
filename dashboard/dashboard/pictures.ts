import uPlot from 'uplot'
import type { Range } from '../../src/observe/history.ts'
import type { Report } from '../../src/observe/report.ts'
import type { Sample } from '../../src/observe/samples.ts'
import { find, make } from '../parts/elements.ts'
import { mb, ms, none, number, percent } from './format.ts'

type Samples = Report['performance']['history']

interface Line {
  label: string
  column: Exclude<keyof Sample, 'at'>
  /** A custom property of the style sheet. */
  colour: string
  text(value: number): string
  fill?: boolean
  /** The line has a scale of its own, on the right. */
  right?: boolean
}

const perSecond = (value: number) => `${number(value)}/s`

const pictures: Record<string, Line[]> = {
  'picture-requests': [
    { label: 'requests', column: 'requests', colour: '--blue', text: perSecond, fill: true },
    { label: 'errors', column: 'errors', colour: '--red', text: perSecond },
  ],
  'picture-latency': [
    { label: 'p50', column: 'p50', colour: '--green', text: ms },
    { label: 'p95', column: 'p95', colour: '--blue', text: ms },
    { label: 'p99', column: 'p99', colour: '--orange', text: ms },
  ],
  'picture-deliveries': [
    { label: 'deliveries', column: 'deliveries', colour: '--green', text: perSecond, fill: true },
  ],
  'picture-loop': [
    { label: 'p99', column: 'loop_p99', colour: '--blue', text: ms, fill: true },
    { label: 'max', column: 'loop_max', colour: '--orange', text: ms },
  ],
  'picture-memory': [
    { label: 'resident', column: 'resident', colour: '--violet', text: mb, fill: true },
    { label: 'heap', column: 'heap', colour: '--green', text: mb },
  ],
  'picture-load': [
    { label: 'sockets', column: 'connections', colour: '--blue', text: number, fill: true },
    { label: 'CPU', column: 'cpu', colour: '--orange', text: percent, right: true },
  ],
}

const hourMs = 3_600_000
const rangeMs: Record<Range, number> = {
  '15m': hourMs / 4,
  '1h': hourMs,
  '6h': 6 * hourMs,
  '24h': 24 * hourMs,
}
const height = 156

export interface Pictures {
  /** Adds a report's samples to those there are. */
  show(report: Report): void
  /** Begins anew with another range. */
  setRange(range: Range): void
  readonly range: Range
  /** The time of the last sample; 0 when there is none. */
  readonly last: number
}

export function createPictures(initial: Range): Pictures {
  let range = initial
  let samples: Samples | undefined
  let plots: uPlot[] = []
  let shown = { min: 0, max: 1 }
  /** The range that was chosen by dragging. It stays while new samples come. */
  let zoom: { min: number; max: number } | undefined

  const dataOf = (lines: Line[]): uPlot.AlignedData => {
    const { at = [] } = samples ?? {}
    // Between samples further apart than this there is a gap in the line, because the service was away.
    const gapMs = rangeMs[range] > hourMs ? 150_000 : 25_000
    const times: number[] = []
    const values: (number | null)[][] = lines.map(() => [])
    for (const [i, moment] of at.entries()) {
      const before = at[i - 1]
      if (before !== undefined && moment - before > gapMs) {
        times.push((before + 1_000) / 1_000)
        for (const list of values) list.push(null)
      }
      times.push(moment / 1_000)
      for (const [n, { column }] of lines.entries()) values[n]?.push(samples?.[column][i] ?? null)
    }
    return [times, ...values]
  }

  function place(): void {
    for (const plot of plots) plot.setScale('x', zoom ?? shown)
  }

  const hooks: uPlot.Hooks.Arrays = {
    // While nobody points at the picture, the legend tells the latest sample.
    setCursor: [
      ({ cursor, data, setLegend }) => cursor.idx == null && setLegend({ idx: data[0].length - 1 }, false),
    ],
    setSelect: [
      (plot) => {
        const { left, width } = plot.select
        if (width < 3) return
        zoom = { min: plot.posToVal(left, 'x'), max: plot.posToVal(left + width, 'x') }
        plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
        place()
      },
    ],
  }

  function draw(): void {
    for (const plot of plots) plot.destroy()
    const style = getComputedStyle(document.documentElement)
    const colour = (name: string) => style.getPropertyValue(name).trim()
    plots = Object.entries(pictures).map(([id, lines]) => {
      const frame = frameOf(id)
      const plot = new uPlot({ ...optionsFor(lines, frame.clientWidth, colour), hooks }, dataOf(lines), frame)
      plot.over.addEventListener('dblclick', () => {
        zoom = undefined
        place()
      })
      return plot
    })
    place()
  }

  draw()
  const resized = new ResizeObserver(() => {
    for (const [i, id] of Object.keys(pictures).entries()) {
      const width = frameOf(id).clientWidth
      if (plots[i] && plots[i].width !== width) plots[i].setSize({ width, height })
    }
  })
  for (const id of Object.keys(pictures)) resized.observe(frameOf(id))
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw)

  return {
    get last() {
      return samples?.at.at(-1) ?? 0
    },
    get range() {
      return range
    },
    setRange(chosen) {
      range = chosen
      samples = undefined
      zoom = undefined
    },
    show({ status, performance: { history } }) {
      const from = status.at - rangeMs[range]
      const old = samples
      const kept = old?.at.findIndex((at) => at > from) ?? -1
      samples = Object.fromEntries(
        (Object.keys(history) as (keyof Sample)[]).map((column) => [
          column,
          [...(old && kept >= 0 ? old[column].slice(kept) : []), ...history[column]],
        ]),
      ) as unknown as Samples
      shown = { min: from / 1_000, max: status.at / 1_000 }
      for (const [i, lines] of Object.values(pictures).entries()) {
        const data = dataOf(lines)
        plots[i]?.setData(data, false)
        if (plots[i]?.cursor.idx == null) plots[i]?.setLegend({ idx: data[0].length - 1 }, false)
      }
      place()
    },
  }
}

function frameOf(id: string): HTMLElement {
  const panel = find(id)
  const known = panel.querySelector<HTMLElement>('.frame')
  if (known) return known
  const frame = make('div', 'frame')
  panel.append(frame)
  return frame
}

const clock = (seconds: number, digits: number): string =>
  new Date(seconds * 1_000).toTimeString().slice(0, digits)

function optionsFor(lines: Line[], width: number, colour: (name: string) => string): uPlot.Options {
  const axis = { stroke: colour('--dim'), font: `11px ${colour('--font')}`, ticks: { show: false } }
  const grid = { stroke: colour('--line'), width: 1 }
  const first = lines[0] as Line
  const right = lines.find((line) => line.right)
  const valueAxis = ({ text }: Line, more: uPlot.Axis): uPlot.Axis => ({
    ...axis,
    size: 62,
    gap: 4,
    space: 28,
    values: (_plot, splits) => splits.map((value) => text(value)),
    ...more,
  })
  const range: uPlot.Scale.Range = (_plot, _low, high) => [0, high > 0 ? high * 1.1 : 1]
  return {
    width,
    height,
    padding: [8, right ? 0 : 8, 0, 0],
    legend: { live: true },
    cursor: { y: false, points: { size: 5 }, sync: { key: 'time' }, drag: { setScale: false } },
    scales: { x: { time: true, auto: false }, y: { range }, right: { range } },
    axes: [
      {
        ...axis,
        grid: { show: false },
        space: 60,
        size: 28,
        gap: 9,
        values: (_plot, splits) => splits.map((at) => clock(at, 5)),
      },
      valueAxis(first, { grid }),
      ...(right ? [valueAxis(right, { scale: 'right', side: 1, size: 48, grid: { show: false } })] : []),
    ],
    series: [
      { label: 'at', value: (_plot, at) => (at == null ? none : clock(at, 8)) },
      ...lines.map(
        (line): uPlot.Series => ({
          label: line.label,
          scale: line.right ? 'right' : 'y',
          stroke: colour(line.colour),
          width: 1.5,
          points: { show: false },
          ...(line.fill && { fill: `color-mix(in srgb, ${colour(line.colour)} 16%, transparent)` }),
          value: (_plot, value) => (value == null ? none : line.text(value)),
        }),
      ),
    ],
  }
}
