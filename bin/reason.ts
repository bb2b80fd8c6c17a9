/** Why a fetch failed. The error of a fetch has the reason in its cause. */
export function reasonOf(failure: unknown): string {
  const { message, cause } = failure as Error
  return (cause as Error | undefined)?.message || message
}
