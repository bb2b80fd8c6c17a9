const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const precise = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 })
const clock = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })
const day = new Intl.DateTimeFormat('en-GB', {
  day: '2-digit',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
})

/** Stands for a figure that is not known. */
export const none = '–'

type Maybe = number | null | undefined

const known = (value: Maybe, text: (value: number) => string): string =>
  value === null || value === undefined ? none : text(value)

export const count = (value: Maybe): string => known(value, whole.format)

/** The number with three significant digits, or the whole number. */
export const number = (value: Maybe): string =>
  known(value, (given) => (Math.abs(given) >= 100 ? whole : precise).format(given))

export const ms = (value: Maybe): string =>
  known(value, (given) => (given >= 10_000 ? `${number(given / 1_000)} s` : `${number(given)} ms`))

export const mb = (value: Maybe): string =>
  known(value, (given) => {
    if (given >= 10_000) return `${number(given / 1_000)} GB`
    return given > 0 && given < 1 ? `${number(given * 1_000)} kB` : `${number(given)} MB`
  })

export const bytes = (value: Maybe): string => known(value, (given) => mb(given / 1_000_000))

export const percent = (value: Maybe): string =>
  known(value, (given) => `${given < 10 ? number(Math.round(given * 100) / 100) : number(given)} %`)

/** A share from 0 to 1 as a percentage. */
export const share = (value: Maybe): string => known(value, (given) => percent(given * 100))

export function duration(seconds: number): string {
  const [d, h, m] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3_600) % 24,
    Math.floor(seconds / 60) % 60,
  ]
  if (d) return `${d}d ${h}h`
  if (h) return `${h}h ${m}m`
  return m ? `${m}m ${Math.floor(seconds % 60)}s` : `${Math.floor(seconds)}s`
}

/** An RFC 3339 time: a time of today without its day, an older one with it. */
export function time(text: string): string {
  const date = new Date(text)
  return (Date.now() - date.getTime() < 20 * 3_600_000 ? clock : day).format(date)
}
