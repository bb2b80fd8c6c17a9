import type { LeaseStore } from '../lease.ts'
import type { Database } from './engine/database.ts'

/** One process has the file to itself, and with it every lease. */
export const createLeaseStore = ({ read }: Database): LeaseStore => ({
  take: async () => read(() => true),
  release: async () => read(() => undefined),
})
