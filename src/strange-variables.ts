import { settings } from './config.ts'

/** A variable that looks as if it was meant for us, and is none of ours. */
export interface StrangeVariable {
  name: string
  /** The one of ours that it looks like, if there is such a one. */
  meant: string | null
}

/** Variables that change nothing because of how they are spelt. */
export function strangeVariables(env: NodeJS.ProcessEnv): StrangeVariable[] {
  const ours = Object.values(settings).flatMap(({ name, secret, ...rest }) =>
    ('alias' in rest ? [name, rest.alias ?? name] : [name]).flatMap((each) =>
      secret ? [each, `${each}_FILE`] : [each],
    ),
  )
  const known = new Set(ours)
  return Object.keys(env).flatMap((name) => {
    if (known.has(name)) return []
    const bare = name.replace(/^CHAT_?API_/, '')
    const meant = ours.find((each) => each === bare) ?? ours.find((each) => isMisspelt(name, each)) ?? null
    return meant !== null || bare !== name ? [{ name, meant }] : []
  })
}

/** One letter too many, too few, another, or two in the wrong order; short names are too often somebody else's. */
function isMisspelt(name: string, ours: string): boolean {
  if (ours.length < 6 || Math.abs(name.length - ours.length) > 1) return false
  const given = name.toUpperCase()
  let start = 0
  while (start < given.length && given[start] === ours[start]) start++
  const rest = (text: string, from: number) => text.slice(from)
  return (
    rest(given, start + 1) === rest(ours, start + 1) ||
    rest(given, start + 1) === rest(ours, start) ||
    rest(given, start) === rest(ours, start + 1) ||
    (given[start] === ours[start + 1] &&
      given[start + 1] === ours[start] &&
      rest(given, start + 2) === rest(ours, start + 2))
  )
}
