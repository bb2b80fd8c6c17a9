/** What all instances share and nobody else knows. */
export interface SecretStore {
  /** The secret of this name; `fresh` where there is none yet. All who ask get the same. */
  read(name: string, fresh: string): Promise<string>
}
