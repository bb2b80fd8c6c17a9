import {
  MongoCompatibilityError,
  MongoMissingCredentialsError,
  MongoMissingDependencyError,
  MongoParseError,
  MongoServerError,
  MongoServerSelectionError,
  type ServerDescription,
  type TopologyDescription,
} from 'mongodb'
import { StartError } from '../../start-error.ts'

/** What is said of a database that can't be reached or used, in words for the operator and on one line. */

const authenticationFailed = 18
const unauthorized = 13
/** MongoDB's hosted service has this code where other servers have 18. */
const hostedRefusal = 8000

/** The error that ends the start, for what waiting does not mend; null for what may pass. */
export function incurable(error: unknown): StartError | null {
  const text = advice(error)
  return text === null ? null : new StartError(text, { cause: error })
}

/** Does the work. Throws StartError for what waiting does not mend, and any other error as it is. */
export async function unlessIncurable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw incurable(error) ?? error
  }
}

function advice(error: unknown): string | null {
  if (error instanceof MongoServerError)
    switch (error.code) {
      case authenticationFailed:
      case hostedRefusal:
        return `MongoDB refuses the user of MONGODB_URL: ${sentence(error)} Check its name, its password and authSource.`
      case unauthorized:
        return `MongoDB does not allow this: ${sentence(error)} MONGODB_URL needs a user with the role readWrite on DATABASE_NAME.`
      default:
        return null
    }
  const tooOld = error instanceof MongoServerSelectionError ? error.cause : error
  if (tooOld instanceof MongoCompatibilityError)
    return `This MongoDB can't be used: ${sentence(tooOld)} Upgrade it.`
  if (
    error instanceof MongoParseError ||
    error instanceof MongoMissingCredentialsError ||
    error instanceof MongoMissingDependencyError
  )
    return `MONGODB_URL can't be used: ${sentence(error)}`
  // It is about a certificate or key file that an option of the URL names.
  if (error instanceof Error && 'code' in error && 'path' in error)
    return `MONGODB_URL can't be used: ${sentence(error)}`
  return null
}

/** Why the database does not answer. */
export function whyAway(error: unknown): string {
  const why = error instanceof MongoServerSelectionError ? whyNoServer(error) : null
  return `MongoDB does not answer: ${why ?? sentence(error)}`
}

function whyNoServer({ reason }: MongoServerSelectionError): string | null {
  const { setName, servers } = reason as TopologyDescription
  const described = [...servers.values()].map(whyNotServer)
  if (described.length > 0) return described.join(' ')
  if (setName === null) return null
  return `None of the servers in MONGODB_URL belongs to the replica set ${setName}. Is it initiated (rs.initiate()), is replicaSet= right?`
}

function whyNotServer({ address, type, error }: ServerDescription): string {
  if (error) return error.message.includes(address) ? sentence(error) : `${address}: ${sentence(error)}`
  if (type === 'RSGhost') return `${address} waits for its replica set to be initiated (rs.initiate()).`
  if (type === 'Unknown') return `${address} keeps silent.`
  return `${address} takes no writes: there is no primary.`
}

/** The first line of what the error says, as a sentence. */
export function sentence(error: unknown): string {
  const [line = ''] = (error instanceof Error ? error.message : String(error)).split('\n')
  return /[.!?]$/.test(line) ? line : `${line}.`
}
