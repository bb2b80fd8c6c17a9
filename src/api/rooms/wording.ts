import { ChatError } from '../../domain/errors.ts'

/** What the core calls a group is a room here. */
export const inRoomWords = (message: string): string => message.replace(/\bgroup\b/g, 'room')

/** The work, with what refuses it in the words of rooms. */
export async function worded<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (!(error instanceof ChatError)) throw error
    const { code, message, fields, retryAfterMs } = error
    throw new ChatError(code, inRoomWords(message), {
      fields,
      ...(retryAfterMs !== undefined && { retryAfterMs }),
    })
  }
}
