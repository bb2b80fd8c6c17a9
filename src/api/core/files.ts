import { type Static, Type } from 'typebox'
import type { Chat } from '../../chat/chat.ts'
import type { FileLink } from '../../chat/file-links.ts'
import { byteRange, isStill, matchesTag } from '../../domain/byte-range.ts'
import {
  FileCursor,
  FileView,
  fileExample,
  filePath,
  fileView,
  formatPosition,
  parsePosition,
  type StoredFile,
} from '../../domain/file.ts'
import { contentDisposition } from '../../domain/file-name.ts'
import { fileTypes, isInline } from '../../domain/file-type.ts'
import { limits } from '../../domain/limits.ts'
import { Time, time } from '../../domain/text.ts'
import { multipartFile, stream } from '../../http/body.ts'
import { HttpError } from '../../http/problem.ts'
import { emptyReply, jsonReply, type Reply } from '../../http/reply.ts'
import { type Context, publicRoute, type Route, userRoute } from '../../http/route.ts'
import { PageSize } from './page.ts'

const FilePage = Type.Object(
  { files: Type.Array(FileView), next: Type.Union([FileCursor, Type.Null()]) },
  { title: 'FilePage', examples: [{ files: [fileExample], next: null }] },
)

const FileLinkView = Type.Object(
  {
    url: Type.String({ description: 'A path that opens the file without a token.' }),
    expires_at: Time,
  },
  {
    title: 'FileLink',
    examples: [
      {
        url: `${fileExample.url}/content?user=alice&expires=1767265500000&signature=c2lnbmF0dXJl`,
        expires_at: '2026-01-01T11:05:00.000Z',
      },
    ],
  },
)

/** What a link's signature covers, and the signature. */
const LinkQuery = Type.Object({
  user: Type.String(),
  operator: Type.Optional(Type.Literal('true')),
  expires: Type.Integer({ minimum: 0 }),
  signature: Type.String(),
})

const FileHeaders = Type.Object({
  Range: Type.Optional(Type.String({ description: 'One range of bytes.' })),
  'If-None-Match': Type.Optional(Type.String()),
  'If-Range': Type.Optional(Type.String()),
})

/** Files are long on slow lines; a connection that stands still is cut off all the same. */
const uploadMs = 600_000

interface Deps {
  chat: Pick<Chat, 'files'>
  prefix: string
  /** The most bytes of one file. */
  maxFileBytes: number
}

export function fileRoutes({ chat: { files }, prefix, maxFileBytes }: Deps): Route[] {
  const view = (file: StoredFile) => fileView(file, prefix)

  /** The bytes as RFC 9110 has it; throws not_found, range_not_satisfiable. */
  async function answer(
    { method, headers: asked }: Context<never, never, never>['request'],
    file: StoredFile,
  ): Promise<Reply> {
    const { type, size, name, sha256 } = file
    const tag = `"${sha256}"`
    const headers = {
      ETag: tag,
      // Whoever keeps it asks each time whether it may still be seen.
      'Cache-Control': 'private, no-cache',
      'Accept-Ranges': 'bytes',
      'Content-Disposition': contentDisposition(isInline(type) ? 'inline' : 'attachment', name),
      'Content-Security-Policy': 'sandbox',
    }
    if (matchesTag(asked['if-none-match'], tag)) return { status: 304, headers }
    const isAll = method === 'HEAD' || !isStill(asked['if-range'] as string | undefined, tag)
    const range = isAll ? undefined : byteRange(asked.range, size)
    if (range === null)
      throw new HttpError('range_not_satisfiable', `The file has ${size} bytes.`, {
        'Content-Range': `bytes */${size}`,
      })
    const body = await files.bytes(file, range)
    if (!range) return { status: 200, type, body, length: size, headers }
    const { start, end } = range
    const part = { ...headers, 'Content-Range': `bytes ${start}-${end}/${size}` }
    return { status: 206, type, body, length: end - start + 1, headers: part }
  }

  const bytes = {
    headers: FileHeaders,
    answers: {
      200: {
        about: 'The bytes: only what they show to be an image, audio or video is inline',
        types: fileTypes,
      },
      206: { about: 'The range that was asked for', types: fileTypes },
      304: { about: 'It is as `If-None-Match` has it' },
    },
  } as const

  return [
    userRoute(prefix, {
      method: 'POST',
      path: '/groups/:group_id/files',
      name: 'files.upload',
      about: 'Upload a file (who may write): its bytes, or a form with the part `file`',
      query: Type.Object({
        name: Type.Optional(
          Type.String({ maxLength: 4_096, description: 'In place of the name in a form.' }),
        ),
      }),
      body: [multipartFile('file'), stream()],
      maxBody: maxFileBytes,
      maxBodyMs: uploadMs,
      answers: { 201: { about: 'The file', schema: FileView } },
      limits: ['uploads'],
      errors: ['banned', 'muted', 'forbidden', 'not_found', 'storage_full'],
      async handle({ params, query, body: { name = '', content } }, caller) {
        const upload = { name: query.name ?? name, content }
        const file = view(await files.upload(caller, params.group_id, upload))
        return jsonReply(201, file, { Location: file.url })
      },
    }),

    userRoute(prefix, {
      method: 'GET',
      path: '/groups/:group_id/files',
      name: 'files.list',
      about: 'The files of messages, newest first (who may read the group)',
      query: Type.Object({ limit: Type.Optional(PageSize), before: Type.Optional(FileCursor) }),
      answers: { 200: { about: 'A page of files', schema: FilePage } },
      errors: ['banned', 'forbidden', 'not_found'],
      async handle({ params, query }, caller) {
        const { limit = limits.defaultPageSize, before } = query
        const after = before === undefined ? null : parsePosition(before)
        const { files: found, next } = await files.list(caller, params.group_id, { limit, after })
        const page: Static<typeof FilePage> = {
          files: found.map(view),
          next: next && formatPosition(next),
        }
        return jsonReply(200, page)
      },
    }),

    userRoute(prefix, {
      method: 'GET',
      path: '/files/:file_id',
      name: 'files.read',
      about: 'The bytes of a file, or a range of them (who may read its group)',
      ...bytes,
      errors: ['banned', 'forbidden', 'not_found', 'range_not_satisfiable'],
      handle: async ({ params, request }, caller) =>
        answer(request, await files.read(caller, params.file_id)),
    }),

    userRoute(prefix, {
      method: 'POST',
      path: '/files/:file_id/link',
      name: 'files.link',
      about: 'An address that opens the file without a token, for five minutes (who may read its group)',
      answers: { 200: { about: 'The address', schema: FileLinkView } },
      errors: ['banned', 'forbidden', 'not_found'],
      async handle({ params }, caller) {
        const link = await files.link(caller, params.file_id)
        const answer: Static<typeof FileLinkView> = {
          url: prefix + linkPath(link),
          expires_at: time(link.expiresAt),
        }
        return jsonReply(200, answer)
      },
    }),

    publicRoute({
      method: 'GET',
      path: `${prefix}/files/:file_id/content`,
      name: 'files.follow',
      about: 'The bytes of a file, by a link: its user still has to have access',
      query: LinkQuery,
      ...bytes,
      errors: ['banned', 'forbidden', 'not_found', 'range_not_satisfiable', 'unavailable'],
      async handle({ params, query, request }) {
        const { user, operator, expires, signature } = query
        const by = { userId: user, admin: operator === 'true' }
        const link: FileLink = { fileId: params.file_id, by, expiresAt: expires, signature }
        return answer(request, await files.follow(link))
      },
    }),

    userRoute(prefix, {
      method: 'DELETE',
      path: '/files/:file_id',
      name: 'files.delete',
      about: "Delete one's own file, or another's (admins), also from its message",
      answers: { 204: { about: 'It is gone' } },
      limits: ['edits'],
      errors: ['banned', 'forbidden', 'not_found', 'storage_full'],
      async handle({ params }, caller) {
        await files.remove(caller, params.file_id)
        return emptyReply
      },
    }),
  ]
}

function linkPath({ fileId, by, expiresAt, signature }: FileLink): string {
  const query = new URLSearchParams({ user: by.userId })
  if (by.admin) query.set('operator', 'true')
  query.set('expires', String(expiresAt))
  query.set('signature', signature)
  return `${filePath(fileId)}/content?${query}`
}
