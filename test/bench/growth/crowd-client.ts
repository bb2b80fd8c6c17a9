/** The sockets of a crowd, in a process of their own, which does what its parent asks and answers. */
import { setTimeout as sleep } from 'node:timers/promises'
import { maskedFrame } from '../load-frames.ts'
import { type LoadSocket, openLoadSocket } from '../load-socket.ts'

export type Ask =
  | { open: { port: number; paths: readonly string[] } }
  | { write: { text: string; sockets: number } }
  /** All of them have heard so many frames, or are closed. */
  | { await: { frames: number } }
  | 'heard'
  | 'leave'

export interface Heard {
  /** Of all together. */
  readonly frames: number
  readonly bytes: number
}

/** Opened at the same time. */
const width = 32
const sockets: LoadSocket[] = []

async function open({ port, paths }: { port: number; paths: readonly string[] }): Promise<void> {
  const left = [...paths]
  const one = async () => {
    for (let path = left.pop(); path !== undefined; path = left.pop())
      sockets.push(await openLoadSocket(port, path, 'chat'))
  }
  await Promise.all(Array.from({ length: width }, one))
}

const sum = (of: (socket: LoadSocket) => number) => sockets.reduce((total, socket) => total + of(socket), 0)
const heard = (): Heard => ({
  frames: sum((socket) => socket.heard.count),
  bytes: sum(({ socket }) => socket.bytesRead),
})

async function answer(ask: Ask): Promise<Heard> {
  if (ask === 'leave') for (const { socket } of sockets) socket.destroy()
  else if (ask === 'heard') return heard()
  else if ('open' in ask) await open(ask.open)
  else if ('write' in ask) {
    const frame = maskedFrame(ask.write.text)
    for (const { socket } of sockets.slice(0, ask.write.sockets)) socket.write(frame)
  } else
    while (sockets.some(({ socket, heard }) => !socket.destroyed && heard.count < ask.await.frames))
      await sleep(5)
  return heard()
}

process.on('disconnect', () => process.exit())
process.on('message', async (ask: Ask) => process.send?.(await answer(ask)))
