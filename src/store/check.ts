/** The result of a check, for an operator. `text` says what was found and, unless all is well, what to do. */
export interface Check {
  readonly level: 'ok' | 'warn' | 'fail'
  readonly what: string
  readonly text: string
}
