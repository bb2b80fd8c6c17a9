import { runWriter } from './engine/writer.ts'
import { createWrites } from './writes.ts'

/** The file that the writer's thread runs. */
runWriter(createWrites)
