import type { MongoClient } from 'mongodb'
import { every } from '../../../domain/every.ts'

/**
 * Calls back when the driver waits for a server's heartbeat longer than it should. It can write to a socket that is being
 * closed, and then waits for good (for `drain`, in its Connection.writeCommand), so it would never find that server again.
 * `connectMs` is the driver's connectTimeoutMS, which limits a heartbeat too. Returns the way to stop.
 */
export function watchDriver(client: MongoClient, connectMs: number, onHung: () => void): () => void {
  /** The driver asks each server every so many milliseconds, or the server answers after that time. */
  const heartbeatMs = client.options.heartbeatFrequencyMS
  /** When each server's heartbeat is due, by performance.now(). */
  const due = new Map<string, number>()
  const began = ({ connectionId, awaited }: { connectionId: string; awaited: boolean }) =>
    due.set(connectionId, performance.now() + 2 * connectMs + (awaited ? heartbeatMs : 0))
  const ended = ({ connectionId }: { connectionId: string }) => due.delete(connectionId)
  client.on('serverHeartbeatStarted', began)
  client.on('serverHeartbeatSucceeded', ended)
  client.on('serverHeartbeatFailed', ended)
  client.on('serverClosed', ({ address }) => due.delete(address))
  return every(1_000, () => {
    const now = performance.now()
    if (![...due.values()].some((at) => at < now)) return
    due.clear()
    onHung()
  })
}
