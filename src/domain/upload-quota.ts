import { ChatError } from './errors.ts'

/** What a user uploaded in one hour since 1970. */
export interface HourOfUploads {
  readonly hour: number
  readonly bytes: number
}

const hourMs = 3_600_000
const hours = 24

export const hourOf = (at: number): number => Math.floor(at / hourMs)

/** The first hour that still counts. */
export const firstHour = (at: number): number => hourOf(at) - hours + 1

/** Throws rate_limited when so many more bytes would be too many within the last 24 hours. */
export function requireQuota(
  uploads: readonly HourOfUploads[],
  size: number,
  perDay: number,
  at: number,
): void {
  const counted = uploads.filter(({ hour }) => hour >= firstHour(at)).sort((a, b) => a.hour - b.hour)
  let used = counted.reduce((sum, { bytes }) => sum + bytes, 0)
  if (used + size <= perDay) return
  // There is room again when enough of it is older than a day; for a file that never fits, when all of it is.
  let free = at + hourMs
  for (const { hour, bytes } of counted) {
    used -= bytes
    free = (hour + hours) * hourMs
    if (used + size <= perDay) break
  }
  throw new ChatError('rate_limited', `You may upload ${perDay} bytes in 24 hours: try again later.`, {
    retryAfterMs: Math.max(1_000, free - at),
  })
}

/** The same with so many bytes more. */
export function countUpload(uploads: readonly HourOfUploads[], size: number, at: number): HourOfUploads[] {
  const now = hourOf(at)
  const counted = uploads.filter(({ hour }) => hour >= firstHour(at) && hour !== now)
  const before = uploads.find(({ hour }) => hour === now)?.bytes ?? 0
  return [...counted, { hour: now, bytes: before + size }]
}
