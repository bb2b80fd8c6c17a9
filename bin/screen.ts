import { createInterface } from 'node:readline'
import { styleText } from 'node:util'
import type { MessageView } from '../src/domain/message.ts'

/** What a person at a terminal sees and types. It works with pipes too, but without prompt and colours. */
export interface Screen {
  /** Each message with its number, by which commands call it. */
  message(message: MessageView, remark?: string): void
  /** Shows a notice, which is no message of a user. */
  note(text: string): void
  /** Calls back for each line that is typed. Resolves when the person leaves. */
  read(onLine: (line: string) => void): Promise<void>
  close(): void
}

const prompt = '> '

export function createScreen(input: NodeJS.ReadStream, output: NodeJS.WriteStream): Screen {
  const interactive = input.isTTY && output.isTTY
  const lines = createInterface({ input, output, terminal: interactive, prompt })
  let closed = false
  lines.on('close', () => {
    closed = true
  })

  /** Writes the line above the one that is being typed. */
  function write(line: string): void {
    if (!interactive || closed) {
      output.write(`${line}\n`)
      return
    }
    output.write(`\r\u001b[K${line}\n`)
    lines.prompt(true)
  }

  return {
    message({ seq, sender_id, content, created_at }, remark) {
      const time = styleText('gray', new Date(created_at).toTimeString().slice(0, 5), { stream: output })
      const sender = styleText('bold', harmless(sender_id), { stream: output })
      const number = styleText('gray', `#${seq}`, { stream: output })
      write(`${time} ${number} ${sender}${remark ? ` (${remark})` : ''}: ${harmless(content)}`)
    },
    note: (text) => write(styleText('gray', `* ${harmless(text)}`, { stream: output })),
    read: (onLine) =>
      new Promise((resolve) => {
        lines.on('close', resolve)
        lines.on('line', (line) => {
          if (closed) return // lines that were read together with the last one still come
          // The typed line is cleared, because it comes back as a message, with its time and in its place.
          if (interactive) output.write('\u001b[A\r\u001b[K')
          if (line.trim() !== '') onLine(line)
          if (interactive && !closed) lines.prompt()
        })
        if (interactive) lines.prompt()
      }),
    close: () => lines.close(),
  }
}

/** The text of another user, without the characters that a terminal obeys. */
const harmless = (text: string): string =>
  text.replace(/\n/g, '\n      ').replace(/[^\P{Cc}\n\t]|[\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
