/** Milliseconds of the midnight with which the day began, in the user's time zone. */
export const startOfDay = (at: number): number => new Date(at).setHours(0, 0, 0, 0)

const halfDay = 12 * 3_600_000

/** `Today`, `Yesterday`, `Monday, 3 June`, and with the year where it is not the present one. */
export function nameOfDay(day: number, now: number): string {
  const today = startOfDay(now)
  if (day === today) return 'Today'
  if (day === startOfDay(today - halfDay)) return 'Yesterday'
  const isThisYear = new Date(day).getFullYear() === new Date(now).getFullYear()
  return new Date(day).toLocaleDateString('en-GB', {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(!isThisYear && { year: 'numeric' }),
  })
}

// English, but with the hours as the user counts them.
const { hour12 = false } = new Intl.DateTimeFormat(undefined, { hour: 'numeric' }).resolvedOptions()
const clock = new Intl.DateTimeFormat(hour12 ? 'en-US' : 'en-GB', { hour: '2-digit', minute: '2-digit' })
const calendar = new Intl.DateTimeFormat(hour12 ? 'en-US' : 'en-GB', {
  dateStyle: 'full',
  timeStyle: 'medium',
})

export const timeOfDay = (at: number): string => clock.format(at)

export const wholeTime = (at: number): string => calendar.format(at)
