import { type Argon2Parameters, argon2Sync } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'

/**
 * A thread that derives keys from passwords, one after the other. Answers each message, which are the parameters, with the tag, or with
 * an Error. A warning of the runtime's may come at any time.
 */
export type FromPasswordThread =
  | { tag: Uint8Array }
  | { error: Error }
  | { warning: Pick<Error, 'name' | 'message' | 'stack'> }

/** So that those who chat get the processor first. Only Linux has threads with a priority of their own. */
function stepBack(): void {
  try {
    const [thread = ''] = /\d+$/.exec(readlinkSync('/proc/thread-self')) ?? []
    setPriority(Number(thread), 10)
  } catch {
    // Elsewhere logins compete with the rest.
  }
}

function derive(parameters: Argon2Parameters): FromPasswordThread {
  try {
    return { tag: argon2Sync('argon2id', parameters) }
  } catch (error) {
    return { error: error instanceof Error ? error : new Error(String(error)) }
  }
}

const post = (message: FromPasswordThread) => parentPort?.postMessage(message)

// This listener replaces Node's own, which would print the warning: the log is in the main thread.
process.removeAllListeners('warning').on('warning', ({ name, message, stack }) => {
  post({ warning: { name, message, ...(stack !== undefined && { stack }) } })
})
stepBack()
parentPort?.on('message', (parameters: Argon2Parameters) => post(derive(parameters)))
