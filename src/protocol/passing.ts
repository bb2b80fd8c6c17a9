/** What a failure is called after which the same may succeed in a moment. Clients carry these, and not the whole table. */
const passing: readonly string[] = ['unavailable', 'storage_full', 'internal']

/** Whether a client does well to try the same again in a moment. Codes that are not known are final. */
export const mayPass = (code: string): boolean => passing.includes(code)
