import { readConfig } from '../../src/config.ts'
import { type Service, type StartOptions, start } from '../../src/main.ts'
import { createLog } from '../../src/observe/log.ts'
import { secret } from '../support/process.ts'

/** The service in this process, without limits, so that it can be measured; its log is written to nowhere, unless `write` takes it. */
export function startHere(
  dataDir: string,
  env: Record<string, string> = {},
  {
    write = () => undefined,
    ...options
  }: Partial<StartOptions> & { write?: (lines: string) => unknown } = {},
): Promise<Service> {
  const config = readConfig({
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: dataDir,
    JWT_SECRET: secret,
    ENVIRONMENT: 'production',
    RATE_LIMIT_MESSAGES: '0',
    RATE_LIMIT_REQUESTS: '0',
    RATE_LIMIT_CONNECTIONS: '0',
    WS_MAX_CONNECTIONS: '20000',
    ...env,
  })
  return start(config, {
    log: createLog({ level: 'info', format: 'json', write }),
    onFatal(error) {
      throw error
    },
    ...options,
  })
}
