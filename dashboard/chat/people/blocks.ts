import { type Cell, createCell, type SettableCell } from '../model/cell.ts'
import type { ChatModel } from '../model/types.ts'

/** Whom the user has blocked. */
export interface Blocks {
  readonly cell: Cell<ReadonlySet<string>>
  block(userId: string): Promise<void>
  unblock(userId: string): Promise<void>
}

const known = new WeakMap<ChatModel, Blocks>()

/** It is asked for once: nobody but the user changes it. */
export function blocksOf(model: ChatModel): Blocks {
  const blocks = known.get(model) ?? createBlocks(model)
  known.set(model, blocks)
  return blocks
}

function createBlocks({ chat, connection, report }: ChatModel): Blocks {
  const cell: SettableCell<ReadonlySet<string>> = createCell(new Set<string>())
  const load = async (): Promise<void> => {
    const { blocks } = (await chat.users.blocks()) as { blocks: { user_id: string }[] }
    cell.set(new Set(blocks.map(({ user_id: id }) => id)))
  }
  let isAsked = false
  connection.listen(({ state }) => {
    if (state !== 'online' || isAsked) return
    isAsked = true
    load().catch((error) => {
      isAsked = false
      report(error)
    })
  })
  return {
    cell,
    async block(userId) {
      await chat.users.block(userId)
      cell.set(new Set([...cell.value, userId]))
    },
    async unblock(userId) {
      await chat.users.unblock(userId)
      cell.set(new Set([...cell.value].filter((id) => id !== userId)))
    },
  }
}
