/** The real service: tokens checked, every message durable (SQLite, synchronous=FULL), its log written to a file. */
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readConfig } from '../../../src/config.ts'
import { start } from '../../../src/main.ts'
import { createLog } from '../../../src/observe/log.ts'
import { secret } from '../../support/process.ts'
import { serveParent } from './peer.ts'

const folder = mkdtempSync(join(tmpdir(), 'chat-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

const config = readConfig({
  PORT: '0',
  HOST: '127.0.0.1',
  DATA_DIR: folder,
  JWT_SECRET: secret,
  ENVIRONMENT: 'production',
  RATE_LIMIT_MESSAGES: '0',
  RATE_LIMIT_REQUESTS: '0',
})
const logFile = createWriteStream(join(folder, 'log'))
const log = createLog({ level: 'info', format: 'json', write: (lines) => logFile.write(lines) })
const service = await start(config, {
  log,
  onFatal(error) {
    throw error
  },
})
serveParent(Number(new URL(service.url).port))
