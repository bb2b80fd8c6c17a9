/** The names of the rooms in which somebody listens: events tell of their room by its id, and clients know it by its name. */
export interface HeardRooms {
  /** Keeps the room's name until the returned function was called, once for each call of this. */
  hold(roomId: string, name: string): () => void
  nameOf(roomId: string): string | undefined
}

export function createHeardRooms(): HeardRooms {
  const heard = new Map<string, { readonly name: string; sockets: number }>()
  return {
    hold(roomId, name) {
      const room = heard.get(roomId) ?? { name, sockets: 0 }
      room.sockets++
      heard.set(roomId, room)
      return () => {
        if (--room.sockets === 0) heard.delete(roomId)
      }
    },
    nameOf: (roomId) => heard.get(roomId)?.name,
  }
}
