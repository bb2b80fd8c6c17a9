import type { ChatError, Closed } from './types.ts'

type More = Partial<Pick<ChatError, 'status' | 'errors' | 'retryAfterMs'>>

export const chatError = (code: string, detail: string, more: More = {}): ChatError =>
  Object.assign(new Error(detail), { name: 'ChatError', code, detail, ...more })

export const closedError = ({ reason, detail }: Closed): ChatError => chatError(reason, detail)

export const closedByUser: ChatError['detail'] = 'The client was closed.'
