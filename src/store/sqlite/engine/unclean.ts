import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'

/**
 * A file beside the database says that it has not been checked whole since an unclean stop, however often the service was
 * started and stopped since; or that such a check found damage, so that the next start looks before it serves anybody.
 */
const noteOf = (file: string): string => `${file}-check`

const texts = {
  due: 'chat.db is to be read whole after an unclean stop: chat-api does it while it runs, and removes this file.\n',
  damaged:
    'chat.db is damaged: put a backup in its place. chat-api removes this file when it finds no damage.\n',
}

/** To be called before the database is opened. A clean close leaves no log. */
export function noteUnclean(file: string): void {
  if (size(`${file}-wal`) > 0 && size(noteOf(file)) === 0) write(file, 'due')
}

export const noteDamage = (file: string): void => write(file, 'damaged')

export const isCheckDue = (file: string): boolean => size(noteOf(file)) > 0

export const wasDamaged = (file: string): boolean =>
  isCheckDue(file) && readFileSync(noteOf(file), 'utf8') === texts.damaged

/** To be called when all of the file was read and found sound. */
export const forgetUnclean = (file: string): void => rmSync(noteOf(file), { force: true })

/** When the note can't be written, this start checks the file all the same, but no later one does. */
function write(file: string, what: keyof typeof texts): void {
  try {
    writeFileSync(noteOf(file), texts[what], { mode: 0o600 })
  } catch {}
}

const size = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0
