import { readFileSync } from 'node:fs'

/** The tables of a document that clients are written by. */
export interface Document {
  /** The rows of the first table below a heading, as cells. */
  tableBelow(heading: string): string[][]
  /** The first piece of code in this language. */
  code(language: string): string
}

/** `name`: below docs/. */
export function readDocument(name: string): Document {
  const text = readFileSync(new URL(`../../docs/${name}`, import.meta.url), 'utf8')
  return {
    tableBelow(heading) {
      const [, section = ''] = text.split(`\n## ${heading}\n`)
      const [table = ''] = /^\|.*\n\|[-|]+\n(?:\|.*\n)+/m.exec(section) ?? []
      const [, , ...rows] = table.trimEnd().split('\n')
      return rows.map((row) =>
        row
          .split('|')
          .slice(1, -1)
          .map((cell) => cell.trim()),
      )
    },
    code: (language) => new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(text)?.[1] ?? '',
  }
}
