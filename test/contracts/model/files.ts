import fc from 'fast-check'
import type { StoredFile } from '../../../src/domain/file.ts'
import { at, by, type Call, caller, command, file, group, type Ids, id, limit, user } from './command.ts'

const sample = (ids: Ids, n: number, owner: number, createdAt: number): StoredFile => ({
  id: id(ids.files, n),
  groupId: id(ids.groups, n % 3),
  name: 'menu.png',
  type: 'image/png',
  size: 10,
  sha256: 'a'.repeat(64),
  width: 2,
  height: 1,
  createdAt,
  uploadedBy: ids.user(owner),
})

/** An id is made anew for each upload, so a file is added once. */
const add = fc.tuple(file, by, at).map(([n, who, when]) =>
  command('files.add', { n, who, when }, async (store, ids) => {
    if ((await store.files.known([id(ids.files, n)])).length) return 'known'
    return store.files.add(sample(ids, n, who.user, when), caller(ids, who), 60)
  }),
)

const read = file.map((n) => command('files.read', { n }, (store, ids) => store.files.read(id(ids.files, n))))

const remove = fc
  .tuple(file, by, at)
  .map(([n, who, when]) =>
    command('files.remove', { n, who, when }, (store, ids) =>
      store.files.remove(id(ids.files, n), caller(ids, who), when),
    ),
  )

const removeOfUser = fc.tuple(user, at).map(([n, when]) =>
  command('files.removeOfUser', { n, when }, async (store, ids) => {
    const { value } = await store.files.removeOfUser(ids.user(n), 10, when)
    return value
  }),
)

const list = fc.tuple(group, limit).map(([n, limit]) =>
  command('files.list', { n, limit }, async (store, ids) => {
    const first = await store.files.list(id(ids.groups, n), { limit, after: null })
    const last = first.at(-1)
    const after = last ? { at: last.createdAt, id: last.id } : null
    return [first, await store.files.list(id(ids.groups, n), { limit, after })]
  }),
)

export const fileCommands = [add, add, add, add, read, remove, removeOfUser, list]

export const fileLooks = ({ groups, files, user }: Ids): Call[] => [
  ...groups.map(
    (id): Call =>
      (store) =>
        store.files.list(id, { limit: 10, after: null }),
  ),
  ...files.map(
    (id): Call =>
      (store) =>
        store.files.read(id),
  ),
  (store) => store.files.listOfUser(user(0), null, 10),
]
