/** Unicode code points that a message has at most. */
export const contentLimit = 10_000

/** From where on the room that is left is told. */
const near = 500

/** What is sent of a text: lines that are empty at its ends are not meant. */
export const contentOf = (text: string): string => text.replace(/^(?:[^\S\n]*\n)+|\s+$/g, '')

/** How many code points may follow, below zero where there are too many; null where there is room enough to say nothing. */
export function roomLeft(text: string): number | null {
  // There are never more code points than UTF-16 units: most texts need not be counted.
  if (text.length < contentLimit - near) return null
  let count = 0
  for (const _ of text) count++
  const left = contentLimit - count
  return left > near ? null : left
}

const whole = new Intl.NumberFormat('en')

export function roomText(left: number): string {
  if (left >= 0) return `${whole.format(left)} left`
  return `${whole.format(-left)} too many: a message has at most ${whole.format(contentLimit)} characters`
}
