import type { Conversation } from '../model/types.ts'

const pauseMs = 200

/**
 * Has the service look for members by the beginnings of their names, a moment after the last letter, where not all are loaded: a large
 * group is never loaded as a whole to find one of them. What is found is in `people`.
 */
export function createLookUp(
  { people, findPeople }: Conversation,
  signal: AbortSignal,
): (query: string) => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let wanted = ''
  signal.addEventListener('abort', () => clearTimeout(timer))
  return (query) => {
    if (query === wanted) return
    wanted = query
    clearTimeout(timer)
    if (query && !people.value.isWhole) timer = setTimeout(() => void findPeople(query), pauseMs)
  }
}
