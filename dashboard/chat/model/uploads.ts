import type { Chat, ChatError } from '../../../src/client/types.ts'
import { type Cell, createCell } from './cell.ts'
import { type Clock, gathered } from './clock.ts'
import type { Upload } from './types.ts'

/** Files of one group on their way up. They go on while another group is shown. */
export interface Uploads {
  readonly cell: Cell<readonly Upload[]>
  add(files: readonly File[]): void
  remove(id: number): void
  /** Takes those that are done, at most as many as a message may have, out of the list: they go with a message. */
  take(): string[]
}

interface Deps {
  chat: Pick<Chat, 'upload' | 'files'>
  groupId: string
  clock: Clock
}

const mostAttachments = 10
const atOnce = 2
let lastId = 0

export function createUploads({ chat, groupId, clock }: Deps): Uploads {
  const cell = createCell<readonly Upload[]>([])
  const waiting: { id: number; file: File }[] = []
  let uploads: readonly Upload[] = []
  let running = 0
  const show = gathered(() => cell.set(uploads), clock)

  function change(id: number, fields: Partial<Upload>): void {
    uploads = uploads.map((upload) => (upload.id === id ? { ...upload, ...fields } : upload))
    show()
  }

  const isListed = (id: number): boolean => uploads.some((upload) => upload.id === id)

  async function run(): Promise<void> {
    if (running >= atOnce) return
    const next = waiting.shift()
    if (!next) return
    running++
    const { id, file } = next
    try {
      const onProgress = ({ loaded }: { loaded: number }) => change(id, { loaded })
      const done = await chat.upload(groupId, file, { name: file.name, onProgress })
      if (isListed(id)) change(id, { state: 'done', loaded: file.size, file: done })
      else await chat.files.delete(done.id)
    } catch (error) {
      change(id, { state: 'failed', error: (error as ChatError).detail ?? String(error) })
    } finally {
      running--
      void run()
    }
  }

  return {
    cell,

    add(files) {
      for (const file of files) {
        const id = ++lastId
        const { name, size } = file
        uploads = [...uploads, { id, name, size, loaded: 0, state: 'sending', file: null, error: null }]
        waiting.push({ id, file })
        void run()
      }
      cell.set(uploads)
    },

    remove(id) {
      const upload = uploads.find((each) => each.id === id)
      const place = waiting.findIndex((each) => each.id === id)
      if (place >= 0) waiting.splice(place, 1)
      uploads = uploads.filter((each) => each.id !== id)
      cell.set(uploads)
      // What no message has is gone after a day anyway.
      if (upload?.file) void chat.files.delete(upload.file.id).catch(() => undefined)
    },

    take() {
      const done = uploads.filter(({ state }) => state === 'done').slice(0, mostAttachments)
      uploads = uploads.filter((upload) => !done.includes(upload))
      cell.set(uploads)
      return done.flatMap(({ file }) => file?.id ?? [])
    },
  }
}
