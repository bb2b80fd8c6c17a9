import { styleText } from 'node:util'
import { isPlain, isSecretName, redact, redactField } from './redact.ts'

export type Level = 'debug' | 'info' | 'warning' | 'error' | 'critical'
export type Fields = Readonly<Record<string, unknown>>

/**
 * One line an event, whatever is in it. `event` is a fixed name in snake_case; what varies goes into the fields. Secrets
 * are hidden (redact.ts); errors bring their stack at the levels error and critical.
 */
export interface Log {
  debug(event: string, fields?: Fields): void
  info(event: string, fields?: Fields): void
  warn(event: string, fields?: Fields): void
  error(event: string, fields?: Fields): void
  critical(event: string, fields?: Fields): void
  /** The same log, with fields that every line carries. */
  child(fields: Fields): Log
  /** Writes what was gathered at once. To be called before the process ends. */
  flush(): void
}

interface Options {
  /** Lines below it are not written. */
  level: Level
  /** `json`: one compact object a line. `pretty`: for a person at a terminal. */
  format: 'json' | 'pretty'
  /** Takes whole lines; called once a turn of the event loop. Must write at once, or throw. */
  write(lines: string): void
  now?: () => number
}

const levels: readonly Level[] = ['debug', 'info', 'warning', 'error', 'critical']

/** With more unwritten characters than this, lines are written before the end of the turn. */
const gatherLimit = 64 * 1024

export function createLog({ level, format, write, now = Date.now }: Options): Log {
  const least = levels.indexOf(level)
  const render = format === 'json' ? renderJson : renderPretty
  let gathered = ''

  function flush(): void {
    if (!gathered) return
    const lines = gathered
    gathered = ''
    try {
      write(lines)
    } catch {
      // Nobody reads the log any more (EPIPE, EAGAIN). There is no other place to say so, and the service has to go on.
    }
  }

  let stampedAt = Number.NaN
  let stamp = ''
  function timestamp(): string {
    const at = now()
    // Many lines have the same millisecond, so its text is made once.
    if (at !== stampedAt) {
      stampedAt = at
      stamp = new Date(at).toISOString()
    }
    return stamp
  }

  function line(level: Level, event: string, fields: Fields): void {
    if (!gathered) setImmediate(flush)
    const stacks = level === 'error' || level === 'critical'
    gathered += `${render(level, event, timestamp(), fields, stacks)}\n`
    if (gathered.length > gatherLimit) flush()
  }

  function make(common: Fields): Log {
    const withCommon =
      Object.keys(common).length === 0
        ? (fields: Fields) => fields
        : (fields: Fields) => ({ ...common, ...fields })
    const at = (level: Level) =>
      levels.indexOf(level) < least
        ? () => {}
        : (event: string, fields: Fields = {}) => line(level, event, withCommon(fields))
    return {
      debug: at('debug'),
      info: at('info'),
      warn: at('warning'),
      error: at('error'),
      critical: at('critical'),
      child: (fields) => make({ ...common, ...fields }),
      flush,
    }
  }

  return make({})
}

/** Makes a line piece by piece, which is fast, because every request has a line and most fields are short text, numbers or booleans. */
function renderJson(level: Level, event: string, timestamp: string, fields: Fields, stacks: boolean): string {
  let text = `{"level":"${level}","event":${nameOf(event).quoted},"timestamp":"${timestamp}"`
  // The line begins with level, event and timestamp, and no field may take their place.
  for (const name in fields)
    if (name !== 'level' && name !== 'event' && name !== 'timestamp')
      text += jsonField(name, fields[name], stacks)
  return `${text}}`
}

function jsonField(name: string, value: unknown, stacks: boolean): string {
  if (value === undefined) return ''
  const { quoted, isSecret } = nameOf(name)
  if (typeof value === 'boolean' || Number.isFinite(value)) return `,${quoted}:${value}`
  if (typeof value === 'string' && !isSecret && isPlain(value)) return `,${quoted}:"${value}"`
  return `,${quoted}:${json(redactField(name, value, stacks))}`
}

interface Name {
  readonly quoted: string
  readonly isSecret: boolean
}

const names = new Map<string, Name>()
const maxNames = 1_000

/** Names as JSON. They are kept, because the names of events and fields stand in the source and are few. */
function nameOf(name: string): Name {
  const known = names.get(name)
  if (known) return known
  const made = { quoted: json(name), isSecret: isSecretName(name) }
  if (names.size < maxNames) names.set(name, made)
  return made
}

/** Like JSON.stringify, but escapes also what a terminal would obey or a reader would take for the end of a line. */
const json = (value: unknown): string =>
  JSON.stringify(value).replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (sign) =>
    Array.from(
      { length: sign.length },
      (_, i) => `\\u${sign.charCodeAt(i).toString(16).padStart(4, '0')}`,
    ).join(''),
  )

const colours = {
  debug: 'gray',
  info: 'green',
  warning: 'yellow',
  error: 'red',
  critical: 'magenta',
} as const

function renderPretty(
  level: Level,
  event: string,
  timestamp: string,
  fields: Fields,
  stacks: boolean,
): string {
  const parts = Object.entries(redact(fields, stacks) as Fields)
    .filter(([, value]) => value !== undefined)
    .map(
      ([name, value]) =>
        `${styleText('gray', `${name}=`)}${typeof value === 'string' ? pretty(value) : json(value)}`,
    )
  const word = styleText(colours[level], level.padEnd(8))
  return `${styleText('gray', timestamp.slice(11, 23))} ${word} ${event} ${parts.join(' ')}`.trimEnd()
}

/** The text as it is where that is unambiguous, else as JSON, so that a line stays one line and no terminal obeys it. */
const pretty = (value: string): string => (/^[^\s"=\p{C}]+$/u.test(value) ? value : json(value))
