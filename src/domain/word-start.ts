/** A test for texts that begin with `q`, or one of whose words does, without regard to case. */
export function wordStart(q: string): (text: string) => boolean {
  const wanted = folded(q)
  return (text) => {
    const within = folded(text)
    for (let at = within.indexOf(wanted); at >= 0; at = within.indexOf(wanted, at + 1))
      if (!endsInWord.test(within.slice(0, at))) return true
    return false
  }
}

export const endsInWord = /[\p{L}\p{M}\p{N}]$/u
const folded = (text: string): string => text.normalize('NFC').toLowerCase()
