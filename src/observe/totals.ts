/** The counts since the start. */
export interface Totals {
  requests: number
  errors: number
  clientErrors: number
  slow: number
  verySlow: number
  events: number
  deliveries: number
  opened: number
  slowCloses: number
  uploads: number
  uploadedBytes: number
  downloads: number
  downloadedBytes: number
}

export const createTotals = (): Totals => ({
  requests: 0,
  errors: 0,
  clientErrors: 0,
  slow: 0,
  verySlow: 0,
  events: 0,
  deliveries: 0,
  opened: 0,
  slowCloses: 0,
  uploads: 0,
  uploadedBytes: 0,
  downloads: 0,
  downloadedBytes: 0,
})
