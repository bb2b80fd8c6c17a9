import { bounds, type Counter, type Family, type Histogram } from './instruments.ts'

/** One metric as Prometheus reads it, with its present numbers. */
export interface Metric {
  /** The name, without `_total`, in base units: seconds, bytes. */
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  samples(): Iterable<readonly [values: readonly string[], number | Histogram]>
}

export type Format = 'prometheus' | 'openmetrics'

export const contentTypes: Readonly<Record<Format, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

/** The media type of the answer: OpenMetrics for a client that accepts it, as Prometheus does. */
export const formatFor = (accept = ''): Format =>
  accept.includes('application/openmetrics-text') ? 'openmetrics' : 'prometheus'

/** The bounds of the histograms that Prometheus gets, in milliseconds. Three a decade are enough there. */
const printed = bounds.flatMap((bound, index) =>
  /^[125]0*$/.test(String(bound * 10)) ? [{ bound, index }] : [],
)

/** The text format 0.0.4, or OpenMetrics 1.0. */
export function expose(metrics: readonly Metric[], format: Format): string {
  const open = format === 'openmetrics'
  const lines: string[] = []
  for (const { name, type, help, labels, samples } of metrics) {
    const sampleName = type === 'counter' ? `${name}_total` : name
    const family = open ? name : sampleName
    lines.push(`# HELP ${family} ${help}`, `# TYPE ${family} ${type}`)
    for (const [values, sample] of samples()) {
      const pairs = labels.map((label, i) => `${label}="${quoted(values[i] ?? '')}"`)
      if (typeof sample === 'number') lines.push(`${sampleName}${braces(pairs)} ${numeral(sample)}`)
      else histogramLines(lines, name, pairs, sample, open)
    }
  }
  if (open) lines.push('# EOF')
  return `${lines.join('\n')}\n`
}

function histogramLines(
  lines: string[],
  name: string,
  pairs: string[],
  { counts, count, sum }: Histogram,
  open: boolean,
): void {
  let cumulative = 0
  let from = 0
  for (const { bound, index } of printed) {
    for (; from <= index; from++) cumulative += counts[from] as number
    const seconds = String(bound / 1000)
    const le = open && !seconds.includes('.') ? `${seconds}.0` : seconds
    lines.push(`${name}_bucket${braces([...pairs, `le="${le}"`])} ${cumulative}`)
  }
  lines.push(
    `${name}_bucket${braces([...pairs, 'le="+Inf"'])} ${count}`,
    `${name}_sum${braces(pairs)} ${numeral(sum / 1000)}`,
    `${name}_count${braces(pairs)} ${count}`,
  )
}

export const counterMetric = (
  name: string,
  help: string,
  labels: readonly string[],
  family: Family<Counter>,
): Metric => ({
  name,
  type: 'counter',
  help,
  labels,
  *samples() {
    for (const [values, counter] of family.all) yield [values, counter.value]
  },
})

export const histogramMetric = (
  name: string,
  help: string,
  labels: readonly string[],
  family: Family<Histogram>,
): Metric => ({ name, type: 'histogram', help, labels, samples: () => family.all })

/** A metric without labels, whose number is read at each scrape; null is left out. */
export const valueMetric = (
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  read: () => number | null,
): Metric => ({
  name,
  type,
  help,
  labels: [],
  *samples() {
    const value = read()
    if (value !== null) yield [[], value]
  },
})

const braces = (pairs: readonly string[]): string => (pairs.length ? `{${pairs.join(',')}}` : '')

const numeral = (value: number): string =>
  Number.isFinite(value) ? String(value) : Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'

const quoted = (value: string): string =>
  value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))
