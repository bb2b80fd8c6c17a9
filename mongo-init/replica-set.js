/**
 * The health check of a replica set of one: makes the set when there is none yet, and fails until this node takes writes.
 * Change streams and majority writes need a replica set, also with a single node.
 */

const notYetInitialized = 94

try {
  rs.status()
} catch (error) {
  if (error.code !== notYetInitialized) throw error
  rs.initiate({ _id: 'rs0', members: [{ _id: 0, host: 'mongo:27017' }] })
}
if (!db.hello().isWritablePrimary) quit(1)
