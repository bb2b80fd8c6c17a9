/** Whom a text calls. */
export interface Mentions {
  readonly ids: string[]
  readonly all: boolean
}

interface Named {
  readonly user_id: string
  readonly username: string
}

/** So many the service takes. */
const mostMentions = 50

/**
 * `@username` of one of these people, and `@all`. What stands in code calls nobody, and nor does an `@` within a word, as in an
 * e-mail address. Upper and lower case are one, as they are in usernames.
 */
export function mentionsIn(text: string, people: Iterable<Named>): Mentions {
  if (!text.includes('@')) return { ids: [], all: false }
  const byName = new Map<string, string>()
  for (const { user_id, username } of people) byName.set(username.toLowerCase(), user_id)
  const spaced = [...byName.keys()].filter((name) => /\s/.test(name)).sort((a, b) => b.length - a.length)
  const ids = new Set<string>()
  let all = false
  for (const { 1: rest = '' } of withoutCode(text).matchAll(/(?<![\p{L}\p{N}_@])@(?=([^\n]+))/gu)) {
    const written = rest.toLowerCase()
    const name = spaced.find((each) => begins(written, each)) ?? nameAt(written, byName)
    const id = name === undefined ? undefined : byName.get(name)
    if (id !== undefined) ids.add(id)
    else if (/^all(?![\p{L}\p{N}_-])/u.test(written)) all = true
  }
  return { ids: [...ids].slice(0, mostMentions), all }
}

/** `tom.` at the end of a sentence is `tom`, unless somebody is called `tom.`; `tom-b` is never `tom`. */
function nameAt(written: string, byName: ReadonlyMap<string, string>): string | undefined {
  for (const run of [/^\S+/, /^[\p{L}\p{M}\p{N}._~-]+/u]) {
    let [name = ''] = run.exec(written) ?? []
    while (name && !byName.has(name)) name = /[^\p{L}\p{M}\p{N}]$/u.test(name) ? name.slice(0, -1) : ''
    if (name) return name
  }
  return undefined
}

const begins = (written: string, name: string): boolean =>
  written.startsWith(name) && !/^[\p{L}\p{N}]/u.test(written.slice(name.length))

const withoutCode = (text: string): string => text.replace(/```[\s\S]*?(?:```|$)|`[^`\n]+`/g, ' ')
