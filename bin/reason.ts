/** Why a fetch failed: its error says so in the cause. */
export function reasonOf(failure: unknown): string {
  const { message, cause } = failure as Error
  return (cause as Error | undefined)?.message || message
}
