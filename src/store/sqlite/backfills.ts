import type { Backfill } from './engine/backfill.ts'

/** What is still to be done to files of earlier versions, beside the service. Never change one that was released: add another. */
export const backfills: readonly Backfill[] = []
