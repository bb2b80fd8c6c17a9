import { ObjectId } from 'mongodb'
import type { Records } from '../../copy/records.ts'
import type { NounCopy, Page } from '../../copy/side.ts'
import type { Connection } from '../engine/connect.ts'
import { type FileDoc, fromFile, toFile } from '../file-documents.ts'
import { insertAll, listsOf, ofLivingGroups, pagesById } from './pages.ts'

export function createFileCopy(connection: Connection): NounCopy<Records['files']> {
  const { files } = connection

  async function* dump(after: string | null): AsyncIterable<Page<Records['files']>> {
    const beyond = after === null ? {} : { _id: { $gt: new ObjectId(after) } }
    for await (const docs of listsOf(files, beyond, { _id: 1 })) {
      const living = new Set(await ofLivingGroups(connection, docs))
      yield {
        records: docs.map((doc) => ({
          ...toFile(doc),
          messageId: doc.message_id ?? null,
          hidden: doc.hidden === true,
          // A file of a group that is gone is gone as well.
          gone: doc.gone === true || !living.has(doc),
        })),
        last: String(docs.at(-1)?._id.toHexString()),
      }
    }
  }

  return {
    keptIn: ['files'],
    dump,
    fill: (records) => insertAll(files, records.map(docOf)),
  }
}

function docOf({ messageId, hidden, gone, ...file }: Records['files']): FileDoc {
  const { unsent_since, ...doc } = fromFile(file)
  return {
    ...doc,
    ...(messageId !== null && { message_id: messageId }),
    ...(messageId === null && !gone && unsent_since && { unsent_since }),
    ...(hidden && { hidden }),
    ...(gone && { gone }),
  }
}

const hourMs = 3_600_000

export const createUploadCopy = ({ uploads }: Connection): NounCopy<Records['uploads']> => ({
  keptIn: ['uploads'],
  dump: (after) =>
    pagesById(uploads, after, {}, (docs) =>
      docs.map(({ _id, hours }) => ({
        userId: _id,
        hours: hours.map(({ hour, bytes }) => ({ hour, bytes })).sort((a, b) => a.hour - b.hour),
      })),
    ),
  fill: (records) =>
    insertAll(
      uploads,
      records.map(({ userId, hours }) => ({
        _id: userId,
        ver: 1,
        hours: [...hours],
        at: new Date(((hours.at(-1)?.hour ?? 0) + 1) * hourMs),
      })),
    ),
})
