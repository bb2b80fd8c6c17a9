/** What a check found, for an operator: `text` says what is so, and unless all is well, what to do. */
export interface Finding {
  readonly level: 'ok' | 'warn' | 'fail'
  readonly what: string
  readonly text: string
}
