/**
 * What is looked up stands in the index as terms: the beginnings of words, the group and the sender. FTS5 gets them as a text and takes
 * that apart at spaces and ASCII signs, so none of a term's own may be left.
 */
export const wordTerm = (term: string): string => term.replace(/[^0-9a-z\u0080-\u{10ffff}]/gu, '\ue000')
const escaped = (id: string): string =>
  id.replace(/[^0-9A-Za-z]/gu, (char) => `_${char.codePointAt(0)?.toString(16)}_`)
const quoted = (term: string): string => `"${term}"`

export const groupTerm = (groupId: string): string => `_g${groupId}`
/** Of messages with files. */
export const fileTerm = '_f'
export const senderTerm = (userId: string): string => `_s${escaped(userId)}`

/** What is looked up, as an expression of FTS5. */
export const expression = {
  word: (term: string): string => quoted(wordTerm(term)),
  sender: (userId: string): string => quoted(senderTerm(userId)),
  file: quoted(fileTerm),
  groups: (groupIds: readonly string[]): string =>
    `(${groupIds.map((groupId) => quoted(groupTerm(groupId))).join(' OR ')})`,
}
