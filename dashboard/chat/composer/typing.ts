import type { Person } from '../../../src/client/types.ts'

/** Who types, in one line that never grows long. */
export function typingText(people: readonly Pick<Person, 'display_name'>[]): string {
  const [first, second] = people.map(({ display_name: name }) => name)
  if (first === undefined) return ''
  if (second === undefined) return `${first} is typing`
  return people.length === 2 ? `${first} and ${second} are typing` : 'several people are typing'
}
