import { resolve } from 'node:path'
import type { StoreLocation } from '../backup.ts'
import { hostsOf, openMongoSide } from '../mongo/copy/side.ts'
import { openSqliteSide } from '../sqlite/copy/side.ts'
import { CopyError, type Side } from './side.ts'

/** Throws StartError, and CopyError when a service uses it. */
const openSide = (
  { mongodbUrl, databaseName, dataDir }: StoreLocation,
  role: 'source' | 'target',
): Promise<Side> =>
  mongodbUrl === null ? openSqliteSide(dataDir, role) : openMongoSide(mongodbUrl, databaseName, role)

const placeOf = ({ mongodbUrl, databaseName, dataDir }: StoreLocation): string =>
  mongodbUrl === null ? resolve(dataDir) : `${hostsOf(mongodbUrl)}/${databaseName}`

/** Opens both for as long as the work takes. Throws what it throws, StartError and CopyError. */
export async function withSides<T>(
  from: StoreLocation,
  to: StoreLocation,
  work: (source: Side, target: Side) => Promise<T>,
): Promise<T> {
  if (placeOf(from) === placeOf(to)) throw new CopyError('Both are the same.')
  const source = await openSide(from, 'source')
  try {
    const target = await openSide(to, 'target')
    try {
      return await work(source, target)
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
}
