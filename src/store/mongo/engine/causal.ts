import type { ClientSession, MongoClient, Timestamp } from 'mongodb'

/** What a read is to be given as options. */
export interface CausalOptions {
  session?: ClientSession
}

/**
 * Reads that go forward in time: each sees all that the ones before it saw, and what the streams told, whichever server
 * answers. A primary that was just elected, or one that does not know yet that it is none, may know of an earlier
 * majority than the one that was asked last; then it waits, or fails. Nothing is asked for twice.
 */
export interface Causal {
  read<T>(work: (options: CausalOptions) => Promise<T>): Promise<T>
  /** Something happened at this time, and is to be seen from now on. */
  saw(at: Timestamp | undefined): void
}

export function createCausal(client: MongoClient): Causal {
  /** Without sessions there is one server, or a stand-in: what it has, it shows. The driver would refuse them. */
  let hasSessions = false
  let seen: Timestamp | undefined
  client.on('topologyDescriptionChanged', ({ newDescription }) => {
    hasSessions = newDescription.logicalSessionTimeoutMinutes != null
  })

  function saw(at: Timestamp | undefined): void {
    if (at && (!seen || at.greaterThan(seen))) seen = at
  }

  return {
    saw,

    async read(work) {
      if (!hasSessions) return work({})
      const session = client.startSession({ causalConsistency: true })
      if (seen) session.advanceOperationTime(seen)
      try {
        return await work({ session })
      } finally {
        saw(session.operationTime)
        await session.endSession()
      }
    },
  }
}
