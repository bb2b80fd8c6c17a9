import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MongoClient } from 'mongodb'
import { skipBecause } from '../support/skip.ts'

const run = promisify(execFile)
const here = import.meta.dirname

export interface TestMongo {
  /** Which of the three it is. */
  readonly kind: 'given' | 'mongod' | 'stand-in'
  readonly url: string
  /** A name that no other test has. */
  newDatabase(): string
  /** Ends the server if it was started here; else drops the databases that were named here. */
  stop(): Promise<void>
}

/** The reason for `skip`, printed as well, when there is no MongoDB for tests; null when startMongo will find one. */
export async function mongoMissing(): Promise<string | null> {
  if (process.env.MONGODB_URL || (await answers('mongod'))) return null
  if ((await answers('java')) && (await answers('mvn')) && (await answers('flock'))) return null
  return skipBecause('MongoDB: set MONGODB_URL, or install mongod, or java (17 or later), mvn and flock')
}

/** MONGODB_URL if it is set, else a mongod of its own as a replica set, else the stand-in (StandIn.java). */
export async function startMongo(): Promise<TestMongo> {
  const given = process.env.MONGODB_URL
  if (given) return testMongo('given', given, async () => undefined)
  return startOwnMongo('replica set')
}

/** Starts a mongod or stand-in. One that stands alone has no change streams. */
export async function startOwnMongo(as: 'replica set' | 'alone'): Promise<TestMongo> {
  return (await answers('mongod')) ? startMongod(as) : startStandIn(as)
}

type As = Parameters<typeof startOwnMongo>[0]

function testMongo(kind: TestMongo['kind'], url: string, stop: () => Promise<void>): TestMongo {
  const databases: string[] = []
  return {
    kind,
    url,
    newDatabase() {
      const name = `chat_test_${randomBytes(6).toString('hex')}`
      databases.push(name)
      return name
    },
    async stop() {
      if (kind === 'given') {
        const client = new MongoClient(url)
        for (const name of databases) await client.db(name).dropDatabase()
        await client.close()
      }
      await stop()
    },
  }
}

async function startStandIn(as: As): Promise<TestMongo> {
  const target = await buildStandIn()
  const classpath = `${join(target, 'classes')}:${join(target, 'dependency', '*')}`
  const java = spawn(
    'java',
    ['-Xshare:auto', '-XX:TieredStopAtLevel=1', '-cp', classpath, 'StandIn', ...(as === 'alone' ? [as] : [])],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  )
  const port = Number(String((await once(java.stdout, 'data'))[0]).trim())
  return testMongo('stand-in', `mongodb://127.0.0.1:${port}`, () => end(java, () => java.stdin.end()))
}

/**
 * Builds the stand-in once for each state of the sources. The lock keeps test files that start together from building twice.
 */
async function buildStandIn(): Promise<string> {
  const names = readdirSync(here).filter((name) => /^pom\.xml$|\.java$/.test(name))
  const sources = names.sort().map((name) => readFileSync(join(here, name)))
  const hash = createHash('sha256').update(Buffer.concat(sources)).digest('hex').slice(0, 12)
  const target = join(here, 'target')
  const done = join(target, `built-${hash}`)
  if (existsSync(done)) return target
  mkdirSync(target, { recursive: true })
  const maven = 'mvn -q -f "$1" compile dependency:copy-dependencies -DincludeScope=runtime'
  await run('flock', [
    ...[join(target, 'lock'), 'sh', '-c', `[ -e "$2" ] || { ${maven} && touch "$2"; }`],
    ...['sh', join(here, 'pom.xml'), done],
  ])
  return target
}

async function startMongod(as: As): Promise<TestMongo> {
  const folder = mkdtempSync(join(tmpdir(), 'chat-mongod-'))
  const port = await freePort()
  const set = as === 'replica set'
  const args = ['--dbpath', folder, '--port', `${port}`, '--bind_ip', '127.0.0.1']
  const mongod = spawn('mongod', [...args, ...(set ? ['--replSet', 'rs'] : [])], { stdio: 'ignore' })
  if (set) await initiate(port)
  return testMongo('mongod', `mongodb://127.0.0.1:${port}/${set ? '?replicaSet=rs' : ''}`, async () => {
    await end(mongod, () => mongod.kill())
    rmSync(folder, { recursive: true })
  })
}

async function initiate(port: number): Promise<void> {
  const client = new MongoClient(`mongodb://127.0.0.1:${port}/?directConnection=true`)
  await client.db('admin').command({
    replSetInitiate: { _id: 'rs', members: [{ _id: 0, host: `127.0.0.1:${port}` }] },
  })
  await client.close()
}

async function end(child: ChildProcess, ask: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  ask()
  await exit
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

const answers = (program: string): Promise<boolean> =>
  run('sh', ['-c', `command -v ${program}`]).then(
    () => true,
    () => false,
  )
