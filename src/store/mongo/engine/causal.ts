import type { ClientSession, MongoClient, Timestamp } from 'mongodb'

/** The options that a read has to be given. */
export interface CausalOptions {
  session?: ClientSession
}

/**
 * Reads that go forward in time: each sees all that the ones before it saw, and what the streams told, whichever server
 * answers. A primary that was just elected, or one that does not know yet that it has been replaced, may be behind the server
 * that was asked last; then it waits, or fails.
 */
export interface Causal {
  read<T>(work: (options: CausalOptions) => Promise<T>): Promise<T>
  /** To be called for what happened at this time. All reads from now on see it. */
  saw(at: Timestamp | undefined): void
}

export function createCausal(client: MongoClient): Causal {
  /** A server without sessions stands alone, so its reads go forward anyway. The driver would refuse a session there. */
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
