import { randomBytes, timingSafeEqual } from 'node:crypto'
import { startPasswordThreads } from './password-threads.ts'

/** Hashes passwords by argon2id (RFC 9106), beside the main thread and few at a time. Hashes are PHC strings, which hold their parameters. */
export interface Passwords {
  /** Throws unavailable when too many wait already. */
  hash(password: string): Promise<string>
  /** Whether the password is that of the hash. With null, for a user whom there is none of, it takes the same time. Throws unavailable. */
  verify(password: string, hash: string | null): Promise<boolean>
  /** The hash was made by other parameters than are in use now, and should be made anew from the password. */
  isStale(hash: string): boolean
  /** To be called when nobody logs in any more. */
  close(): Promise<void>
}

/** `memory` in KiB. */
interface Cost {
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
}

const presentCost: Cost = { memory: 19_456, passes: 2, parallelism: 1 }
const saltBytes = 16
const tagBytes = 32
/** Beyond these nobody may drive us, whatever stands in the store. */
const mostMemory = 1024 * 1024
const mostPasses = 64

const mostAtOnce = 2
/** Some two seconds of work. */
const mostWaiting = 100

export function createPasswords(cost: Cost = presentCost): Passwords {
  const threads = startPasswordThreads(mostAtOnce, mostWaiting)

  const tagOf = (
    password: string,
    salt: Buffer,
    { memory, passes, parallelism }: Cost,
    tagLength = tagBytes,
  ): Promise<Buffer> =>
    threads.derive({ message: password, nonce: salt, memory, passes, parallelism, tagLength })

  return {
    async hash(password) {
      const salt = randomBytes(saltBytes)
      const tag = await tagOf(password, salt, cost)
      return format(cost, salt, tag)
    },

    async verify(password, hash) {
      if (hash === null) {
        await tagOf(password, randomBytes(saltBytes), cost)
        return false
      }
      const { cost: made, salt, tag } = parse(hash)
      return timingSafeEqual(tag, await tagOf(password, salt, made, tag.length))
    },

    isStale(hash) {
      const { cost: made, salt, tag } = parse(hash)
      return format(made, salt, tag).split('$')[3] !== format(cost, salt, tag).split('$')[3]
    },

    close: threads.close,
  }
}

const text = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')

/** `$argon2id$v=19$m=19456,t=2,p=1$salt$tag` */
const format = ({ memory, passes, parallelism }: Cost, salt: Buffer, tag: Buffer): string =>
  `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${text(salt)}$${text(tag)}`

const pattern =
  /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{16,128})$/

/** Throws an Error that does not hold the hash. */
function parse(hash: string): { cost: Cost; salt: Buffer; tag: Buffer } {
  const [, m, t, p, salt = '', tag = ''] = pattern.exec(hash) ?? []
  const cost = { memory: Number(m), passes: Number(t), parallelism: Number(p) }
  if (!(cost.memory <= mostMemory && cost.passes <= mostPasses))
    throw new Error('An account has a password hash that is no argon2id of bearable cost.')
  return { cost, salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') }
}
