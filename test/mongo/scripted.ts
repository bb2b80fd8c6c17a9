import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { BSON } from 'mongodb'

/** A server that speaks just enough of MongoDB's protocol to be connected to, and answers by script. */
export interface ScriptedServer {
  readonly url: string
  /** The commands that came, without those by which a driver gets to know a server. */
  readonly asked: readonly string[]
  [Symbol.asyncDispose](): Promise<void>
}

type Document = Record<string, unknown>
/** Gives the answer to a command. For `undefined` the server answers well, with an empty result. */
export type Script = (command: Document) => Document | undefined

export const refusal = (code: number, codeName: string, errmsg: string): Document => ({
  ok: 0,
  code,
  codeName,
  errmsg,
})

const opMsg = 2013
const opQuery = 2004
const opReply = 1
const headerBytes = 16

const standalone: Document = {
  ok: 1,
  helloOk: true,
  ismaster: true,
  isWritablePrimary: true,
  minWireVersion: 0,
  maxWireVersion: 21,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  saslSupportedMechs: ['SCRAM-SHA-256'],
}

/** `hello` is what differs from a single server that takes writes. With `silent` the server never answers. */
export async function startScripted(script: Script, hello: Document = {}): Promise<ScriptedServer> {
  const sockets = new Set<Socket>()
  const asked: string[] = []

  function answerTo(command: Document): Document {
    const [name = ''] = Object.keys(command)
    if (/^(hello|ismaster)$/i.test(name)) return { ...standalone, ...hello }
    asked.push(name)
    return script(command) ?? { ok: 1, cursor: { id: BSON.Long.ZERO, ns: 'db.none', firstBatch: [] } }
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
    let unread: Buffer = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      unread = Buffer.concat([unread, chunk])
      while (unread.length >= headerBytes && unread.length >= unread.readInt32LE(0)) {
        const message = unread.subarray(0, unread.readInt32LE(0))
        unread = unread.subarray(message.length)
        if (!hello.silent) socket.write(replyTo(message, answerTo))
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: `mongodb://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Answers an OP_MSG with one section, or the OP_QUERY by which a driver says hello to a server that it does not know. */
function replyTo(message: Buffer, answerTo: (command: Document) => Document): Buffer {
  const requestId = message.readInt32LE(4)
  const isQuery = message.readInt32LE(12) === opQuery
  const commandAt = isQuery ? message.indexOf(0, headerBytes + 4) + 1 + 8 : headerBytes + 5
  const size = message.readInt32LE(commandAt)
  const answer = BSON.serialize(answerTo(BSON.deserialize(message.subarray(commandAt, commandAt + size))))
  const prelude = Buffer.alloc(isQuery ? 20 : 5)
  if (isQuery) prelude.writeInt32LE(1, 16) // one document
  const header = Buffer.alloc(headerBytes)
  header.writeInt32LE(headerBytes + prelude.length + answer.length, 0)
  header.writeInt32LE(requestId, 8)
  header.writeInt32LE(isQuery ? opReply : opMsg, 12)
  return Buffer.concat([header, prelude, answer])
}
