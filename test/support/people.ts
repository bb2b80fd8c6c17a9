import { createDirectory, type Directory } from '../../src/people/directory.ts'
import { nameless } from '../../src/people/names.ts'
import type { Store } from '../../src/store/store.ts'

/** Calls everybody by their ids. */
export const personOf = nameless

/** The directory of a store, as main.ts makes it. */
export const directoryOf = ({ profiles }: Pick<Store, 'profiles'>): Directory =>
  createDirectory({
    store: profiles,
    now: Date.now,
    clock: () => performance.now(),
    onError: (error) => {
      throw error
    },
  })
