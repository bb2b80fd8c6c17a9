import type { NameStore } from '../../../src/store/names.ts'
import type { Contents } from './kept.ts'

export const referenceNames = ({ names }: Contents): NameStore => ({
  incarnation: async (name) => names.get(name)?.incarnation ?? 0,
})
