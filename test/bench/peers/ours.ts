/** The real service: tokens checked, every message durable (SQLite, synchronous=FULL), its log written to a file. */
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../support/process.ts'
import { startHere } from '../service.ts'
import { serveParent } from './peer.ts'

const folder = temporaryFolder()
process.on('exit', () => folder[Symbol.dispose]())

const search = { SEARCH: process.env.SEARCH ?? '' }
const logFile = createWriteStream(join(folder.path, 'log'))
const service = await startHere(folder.path, search, { write: (lines) => logFile.write(lines) })
serveParent(Number(new URL(service.url).port))
