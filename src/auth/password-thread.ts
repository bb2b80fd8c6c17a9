import { type Argon2Parameters, argon2Sync } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'

/**
 * A thread that derives keys from passwords, one after the other. Answers each message, which are the parameters, with the tag, or with
 * an Error.
 */

/** So that those who chat get the processor first. Only Linux has threads with a priority of their own. */
function stepBack(): void {
  try {
    const [thread = ''] = /\d+$/.exec(readlinkSync('/proc/thread-self')) ?? []
    setPriority(Number(thread), 10)
  } catch {
    // Elsewhere logins compete with the rest.
  }
}

function derive(parameters: Argon2Parameters): Uint8Array | Error {
  try {
    return argon2Sync('argon2id', parameters)
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

stepBack()
parentPort?.on('message', (parameters: Argon2Parameters) => parentPort?.postMessage(derive(parameters)))
