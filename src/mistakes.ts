/** All that is wrong with the configuration, one line each. Never holds a secret's value. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(
      `The configuration has ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:\n${mistakes.map((each) => `  ${each}`).join('\n')}`,
    )
    this.mistakes = mistakes
  }
}

/** What makes a secret unfit for production, or null. RFC 7518, 3.2: a key for HS256 has at least 32 bytes. */
export function weaknessOf(secret: string): string | null {
  const bytes = Buffer.byteLength(secret)
  if (bytes < 32) return `has ${bytes} bytes, at least 32 are needed in production`
  if (/change.?(me|this|it|in)|your.{0,20}(secret|key)|^(default|example|test|dev)/i.test(secret))
    return 'looks like a default out of a template, which everybody knows'
  if (new Set(secret).size < 8) return 'has too few different characters'
  return null
}
