import type { ChatEvent } from './types.ts'

export type Handler = (event: ChatEvent) => void

/** Whom events are told to: handlers by type, and iterators. */
export interface Listeners {
  on(type: string, handler: Handler): () => void
  iterate(group: string | undefined): AsyncIterableIterator<ChatEvent>
  tell(event: ChatEvent): void
  /** Iterators end. */
  close(): void
}

export function createListeners(onError: (error: unknown) => void): Listeners {
  const handlers = new Map<string, Set<Handler>>()
  const ends = new Set<() => void>()
  let isClosed = false

  function on(type: string, handler: Handler): () => void {
    const key = type === 'message' ? 'new_message' : type
    const own = handlers.get(key) ?? new Set()
    // A handler of its own for each call, so that one that is given twice is stopped once by each.
    const each: Handler = (event) => handler(event)
    handlers.set(key, own.add(each))
    return () => void own.delete(each)
  }

  return {
    on,

    tell(event) {
      for (const type of [event.type, 'event'])
        for (const handler of [...(handlers.get(type) ?? [])]) {
          try {
            handler(event)
          } catch (error) {
            onError(error)
          }
        }
    },

    iterate(group) {
      const heard: ChatEvent[] = []
      const waiting: ((result: IteratorResult<ChatEvent>) => void)[] = []
      let isDone = isClosed
      const stop = on('event', (event: ChatEvent) => {
        if (group !== undefined && event.group_id !== group) return
        const next = waiting.shift()
        if (next) next({ value: event, done: false })
        else heard.push(event)
      })
      const end = (): void => {
        isDone = true
        stop()
        ends.delete(end)
        for (const next of waiting.splice(0)) next({ value: undefined, done: true })
      }
      if (isDone) end()
      else ends.add(end)
      return {
        [Symbol.asyncIterator]() {
          return this
        },
        next() {
          const value = heard.shift()
          if (value) return Promise.resolve({ value, done: false })
          if (isDone) return Promise.resolve({ value: undefined, done: true })
          return new Promise((resolve) => waiting.push(resolve))
        },
        return() {
          end()
          heard.length = 0
          return Promise.resolve({ value: undefined, done: true })
        },
      }
    },

    close() {
      isClosed = true
      for (const end of [...ends]) end()
    },
  }
}
