/** The store can't be opened. `message` says why and what to do, in words for the operator. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
