/** The APIs beside the core's, which can be switched on each by itself; with the values of API_PREFIX at which the core's paths would meet theirs. */
export const dialects = {
  rooms: ['/chat', '/chat/messages', '/chat/ws'],
} as const satisfies Record<string, readonly string[]>

export type Dialect = keyof typeof dialects

export const dialectNames = Object.freeze(Object.keys(dialects) as Dialect[])

/** The one of these dialects that a prefix can't go with; null where it goes with all. */
export const clashing = (prefix: string, on: readonly Dialect[]): Dialect | null =>
  on.find((name) => (dialects[name] as readonly string[]).includes(prefix)) ?? null
