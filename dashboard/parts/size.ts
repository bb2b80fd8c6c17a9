const figures = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 })
const units = ['kB', 'MB', 'GB']

/** The size of a file as people read it: `640 B`, `3.4 kB`, `25 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  let size = bytes / 1_000
  let unit = 0
  // 999.6 kB would be written as 1,000 kB.
  while (size >= 995 && unit < units.length - 1) {
    size /= 1_000
    unit++
  }
  return `${size >= 100 ? Math.round(size) : figures.format(size)} ${units[unit]}`
}
