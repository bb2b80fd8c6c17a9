/** Small records of our own, by name: the epoch, the adopter's lease, work that was begun. */
export interface MetaDoc {
  _id: string
  value?: string
  holder?: string | null
  n?: number
  group_id?: string
}

export interface SignalDoc {
  instance: string
  at: Date
  /** JSON: its keys may be users' ids, which must never be field names here. */
  body: string
}

/** Figures for operators: of everything (`total`), of an hour, of a group. */
export interface TotalsDoc {
  _id: string
  deleted?: number
  groups?: number
  messages?: number
  heat?: number
  at?: Date
}
