/** A message as the service said last that it has it for good. */
export interface Said {
  readonly id: string
  readonly groupId: string
  content: string
  readonly file: SentFile | null
  isDeleted: boolean
}

export interface SentFile {
  readonly id: string
  /** Of the bytes that were uploaded, in hex. */
  readonly sha256: string
}

/** What has been done so often. */
export type Deed = 'sent' | 'uploaded' | 'edited' | 'deleted' | 'found'

/** All that the service acknowledged. Each message is its sender's alone, who does one thing after the other: what is here is so. */
export interface Ledger {
  readonly said: Said[]
  /** Words that no message has any more. */
  readonly taken: string[]
  readonly done: Record<Deed, number>
}

export const newLedger = (): Ledger => ({
  said: [],
  taken: [],
  done: { sent: 0, uploaded: 0, edited: 0, deleted: 0, found: 0 },
})

/** The messages of the group that are there, oldest first as each of its senders sent them. */
export const living = ({ said }: Ledger, groupId: string): Said[] =>
  said.filter((message) => message.groupId === groupId && !message.isDeleted)

/** Every message has this word, and one of its own, which is its last. */
export const commonWord = 'house'
export const ownWord = (content: string): string => content.slice(content.lastIndexOf(' ') + 1)
