/** What a check found, for an operator: `text` says what is so, and unless all is well, what to do. */
export interface Check {
  readonly level: 'ok' | 'warn' | 'fail'
  readonly what: string
  readonly text: string
}
