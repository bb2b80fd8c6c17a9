import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import type { Frequency } from './domain/budget.ts'
import { isPrivateHost } from './outward/private.ts'

/** How one kind of value is written in the environment. `read` throws an Error that says what the value should be. */
export interface Kind<T> {
  read(text: string): T
  /** The value as it is written in `.env.example` and shown by `chat-api config`. */
  show(value: T): string
}

/** The rest of a sentence that begins with the value: `"abc" must be ...`. */
const must = (what: string) => new Error(`must be ${what}`)

export const text = (pattern: RegExp, what: string): Kind<string> => ({
  read(value) {
    if (!pattern.test(value)) throw must(what)
    return value
  },
  show: (value) => value,
})

export const oneOf = <const T extends string>(...choices: readonly T[]): Kind<T> => ({
  read(value) {
    const choice = choices.find((each) => each.toLowerCase() === value.toLowerCase())
    if (choice === undefined) throw must(`one of ${choices.join(', ')}`)
    return choice
  },
  show: (value) => value,
})

const yes = ['true', '1', 'yes', 'on']
const no = ['false', '0', 'no', 'off']

export const flag: Kind<boolean> = {
  read(value) {
    if (yes.includes(value.toLowerCase())) return true
    if (no.includes(value.toLowerCase())) return false
    throw must('true or false')
  },
  show: String,
}

export const count = (least: number, most: number): Kind<number> => ({
  read(value) {
    const number = /^\d{1,15}$/.test(value) ? Number(value) : Number.NaN
    if (!(number >= least && number <= most)) throw must(`a whole number from ${least} to ${most}`)
    return number
  },
  show: String,
})

/** A number with a unit out of a table, the first being what a bare number means. */
function measure(units: Record<string, number>, what: string, least: number, most: number): Kind<number> {
  const [bare = 1] = Object.values(units)
  const byLength = Object.entries(units).sort(([, a], [, b]) => b - a)
  const show = (value: number): string => {
    const [unit, size] = byLength.find(([, size]) => value >= size && value % size === 0) ?? ['', bare]
    return `${value / size}${unit}`
  }
  return {
    read(value) {
      const match = /^(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]*)$/i.exec(value)
      const unit = match?.[2]?.toLowerCase() ?? ''
      const size = unit === '' ? bare : byLength.find(([name]) => name.toLowerCase() === unit)?.[1]
      const number = match && size !== undefined ? Math.round(Number(match[1]) * size) : Number.NaN
      if (!(number >= least && number <= most))
        throw must(
          `${what} from ${show(least)} to ${show(most)}, such as ${show(Math.max(least, bare * 10))}`,
        )
      return number
    },
    show,
  }
}

/** Milliseconds. Written `90s`, `500ms`, `15m`, `1h`, `30d`; a bare number means seconds. */
export const duration = (least: number, most: number): Kind<number> =>
  measure({ s: 1_000, ms: 1, m: 60_000, h: 3_600_000, d: 86_400_000 }, 'a time', least, most)

/** Written `20` for a minute, `20/h` for an hour. */
export const frequency: Kind<Frequency> = {
  read(value) {
    const [, most, hour] = /^(\d{1,9})(\/h)?$/.exec(value) ?? []
    if (most === undefined) throw must('a whole number for each minute, or one like 20/h for each hour')
    return { most: Number(most), windowMs: hour ? 3_600_000 : 60_000 }
  },
  show: ({ most, windowMs }) => `${most}${windowMs === 60_000 ? '' : '/h'}`,
}

/** Bytes. Written `64KiB`, `1MiB`; a bare number means bytes. */
export const size = (least: number, most: number): Kind<number> =>
  measure({ B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }, 'a size', least, most)

/** A JSON list of strings, or values between commas. An empty JSON list is an empty list. */
export const list = <T>(item: Kind<T>): Kind<readonly T[]> => ({
  read(value) {
    const parts = value.startsWith('[') ? jsonStrings(value) : value.split(',')
    return Object.freeze(
      parts
        .map((part) => part.trim())
        .filter((part) => part !== '')
        .map((part) => item.read(part)),
    )
  },
  show: (values) => values.map((value) => item.show(value)).join(', '),
})

function jsonStrings(value: string): string[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(value)
  } catch {
    throw must('a JSON list of strings, or values between commas')
  }
  if (!Array.isArray(parsed) || !parsed.every((part) => typeof part === 'string'))
    throw must('a JSON list of strings, or values between commas')
  return parsed
}

/** An absolute http(s) URL without user and password. */
export const httpUrl: Kind<string> = {
  read(value) {
    const url = URL.parse(value)
    if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
      throw must('an http or https URL without a user or password')
    return url.href
  },
  show: (value) => value,
}

/** Where somebody outside is told something: whoever stands between must not be able to read it. */
export const receiverUrl: Kind<string> = {
  read(value) {
    const url = new URL(httpUrl.read(value))
    if (url.protocol === 'http:' && !isPrivateHost(url.hostname))
      throw must('an https URL, or an http URL of a private network')
    return url.href
  },
  show: (value) => value,
}

/** What a browser sends as `Origin`: scheme, host and port, no path; `null`; or `*` for any. */
export const origin: Kind<string> = {
  read(value) {
    if (value === 'null' || value === '*') return value
    const url = URL.parse(value)
    if (!url || !/^https?:$/.test(url.protocol) || url.host === '' || url.href !== `${url.origin}/`)
      throw must('made of origins like https://chat.example.com, without a path')
    return url.origin
  },
  show: (value) => value,
}

/** An IP address, or a range of them. */
export const addressRange: Kind<string> = {
  read(value) {
    const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(value) ?? []
    const most = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1
    if (Number(bits ?? 0) > most) throw must('made of addresses like 10.0.0.7, or ranges like 10.0.0.0/8')
    return value
  },
  show: (value) => value,
}

/** Some of these: a list, `all` or `none`. */
export const someOf = <const T extends string>(...choices: readonly T[]): Kind<readonly T[]> => {
  const some = list(oneOf(...choices))
  const none: readonly T[] = Object.freeze([])
  return {
    read(value) {
      if (value.toLowerCase() === 'all') return choices
      if (value.toLowerCase() === 'none') return none
      try {
        const named = some.read(value)
        return choices.filter((choice) => named.includes(choice))
      } catch {
        throw must(`all, none, or values between commas out of ${choices.join(', ')}`)
      }
    },
    show: (values) =>
      values.length === 0 ? 'none' : values.length === choices.length ? 'all' : some.show(values),
  }
}

/** A value that is never shown, nor its problem quoted. */
export const secret: Kind<string> = {
  read: (value) => value,
  show: (value) => (value === '' ? '' : '********'),
}

/** Where somebody can be reached: a mailto: or https: address. */
export const contact: Kind<string> = {
  read(value) {
    if (!/^(mailto:[^\s@]+@[^\s@]+|https:\/\/[^\s/]+\S*)$/.test(value))
      throw must('a mailto: or https: address')
    return value
  },
  show: (value) => value,
}

/** A private key of P-256, in base64url. */
export const vapidKey: Kind<string> = {
  read(value) {
    if (!/^[A-Za-z0-9_-]{43}$/.test(value)) throw must('32 bytes in base64url')
    return value
  },
  show: secret.show,
}

/** For an example: one that somebody copies must be nobody else's. */
export const newKey = (): string => randomBytes(32).toString('base64url')

/** A key of Standard Webhooks: 24 to 64 bytes in base64 after `whsec_`. */
export const webhookSecret: Kind<string> = {
  read(value) {
    const [, base64 = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(value) ?? []
    const { length } = Buffer.from(base64, 'base64')
    if (length < 24 || length > 64) throw must('24 to 64 bytes in base64, after whsec_')
    return value
  },
  show: secret.show,
}

/** For an example: one that somebody copies must be nobody else's. */
export const newWebhookSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`

/** Options of a MongoDB URL that hold secrets. */
const secretOptions = /\b(tlsCertificateKeyFilePassword|authMechanismProperties|proxyPassword)=[^&]*/gi

/** `mongodb://` or `mongodb+srv://`; shown without its passwords. */
export const mongoUrl: Kind<string> = {
  read(value) {
    if (!/^mongodb(\+srv)?:\/\/[^\s/]/.test(value)) throw must('a mongodb:// or mongodb+srv:// URL')
    return value
  },
  show: (value) => value.replace(/(\/\/[^:/@]*:).*@/, '$1********@').replace(secretOptions, '$1=********'),
}

/** A setting that may be left out: null. */
export const optional = <T>(kind: Kind<T>): Kind<T | null> => ({
  read: kind.read,
  show: (value) => (value === null ? '' : kind.show(value)),
})
