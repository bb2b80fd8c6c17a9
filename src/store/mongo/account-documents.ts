import type { SessionEndReason } from '../../domain/account-session.ts'

export interface AccountDoc {
  /** The user's id. */
  _id: string
  password_hash: string
  password_ver: number
  disabled: boolean
  created_at: Date
  updated_at: Date
}

export interface SessionDoc {
  _id: string
  user_id: string
  count: number
  hash: string
  next_hash: string | null
  created_at: Date
  refreshed_at: Date
  expires_at: Date
  ended_at?: Date
  why?: SessionEndReason
  /** The server removes the document after this time. */
  known_until: Date
}

/** Attempts, or what is remembered. */
export interface AttemptDoc {
  /** A digest. */
  _id: string
  /** When the last attempts were made, the latest last. */
  times?: number[]
  /** The server removes the document after this time. */
  until: Date
}
