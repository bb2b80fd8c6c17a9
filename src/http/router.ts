import { ChatError } from '../domain/errors.ts'

/** What a path and method lead to: a value with its parameters, the methods that would, or nothing. */
export type Match<T> =
  | {
      value: T
      params: Record<string, string>
      /** A segment of the path is no percent-encoded UTF-8, and stands as it came. */
      isBroken?: true
    }
  | { allow: string[] }
  | null

export interface Router<T> {
  /** `path`: segments that are matched as they are or, written `:name`, match any one segment. Throws when taken. */
  add(method: string, path: string, value: T): void
  /**
   * `path`: as it came, without the query. HEAD is answered by GET. One slash at the end makes no difference. Segments
   * are split before they are decoded, so that `%2F` stays inside one. Throws malformed where nothing is at a path that is broken.
   */
  match(method: string, path: string): Match<T>
}

interface Node<T> {
  readonly segments: Map<string, Node<T>>
  any: Node<T> | undefined
  readonly methods: Map<string, { value: T; names: string[] }>
}

/** Data in, data out: knows no sockets. A segment matched as it is goes before a parameter. */
export function createRouter<T>(): Router<T> {
  const root = node<T>()

  function find(at: Node<T>, segments: string[], depth: number, values: string[]): Node<T> | undefined {
    const segment = segments[depth]
    if (segment === undefined) return at.methods.size ? at : undefined
    const exact = at.segments.get(segment)
    const found = exact && find(exact, segments, depth + 1, values)
    if (found || !at.any || segment === '') return found
    values[values.length] = segment
    const below = find(at.any, segments, depth + 1, values)
    if (!below) values.pop()
    return below
  }

  return {
    add(method, path, value) {
      const names: string[] = []
      let at = root
      for (const segment of split(path)) {
        if (segment.startsWith(':')) {
          names.push(segment.slice(1))
          at = at.any ??= node()
        } else {
          const next = at.segments.get(segment) ?? node<T>()
          at.segments.set(segment, next)
          at = next
        }
      }
      if (at.methods.has(method)) throw new Error(`two routes for ${method} ${path}`)
      at.methods.set(method, { value, names })
    },

    match(method, path) {
      const values: string[] = []
      const segments = split(path)
      const decoded = segments.map(decode)
      const isBroken = decoded.includes(null)
      const known = isBroken ? decoded.map((each, i) => each ?? segments[i] ?? '') : (decoded as string[])
      const at = find(root, known, 0, values)
      if (!at && isBroken) throw malformedPath()
      if (!at) return null
      const found = at.methods.get(method) ?? (method === 'HEAD' ? at.methods.get('GET') : undefined)
      if (!found) return { allow: allowed(at.methods) }
      const params: Record<string, string> = {}
      for (const [index, name] of found.names.entries()) params[name] = values[index] ?? ''
      return { value: found.value, params, ...(isBroken && { isBroken: true as const }) }
    },
  }
}

const node = <T>(): Node<T> => ({ segments: new Map(), any: undefined, methods: new Map() })

const allowed = (methods: Map<string, unknown>): string[] =>
  [...methods.keys(), ...(methods.has('GET') ? ['HEAD'] : []), 'OPTIONS'].sort()

/** `/a/b` and `/a/b/` are [a, b]; `/` is []. */
function split(path: string): string[] {
  const segments = path.split('/')
  segments.shift()
  if (segments.at(-1) === '') segments.pop()
  return segments
}

export const malformedPath = () => new ChatError('malformed', 'The path is not percent-encoded UTF-8.')

/** null for what is no percent-encoded UTF-8. */
function decode(segment: string): string | null {
  if (!segment.includes('%')) return segment
  try {
    return decodeURIComponent(segment)
  } catch {
    return null
  }
}
