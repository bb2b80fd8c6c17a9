import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { tempFolder } from './open.ts'

/** A small disk of its own. */
export interface SmallDisk {
  dir: string
  makeReadOnly(): void
  remove(): void
}

/** The kernel lets go of the files of a process that has just ended a moment later. */
const mostTries = 200

const mount = (...args: string[]) => spawnSync('mount', ['-t', 'tmpfs', ...args]).status === 0

/** Mounts a disk of so many MiB. null where that is not allowed: it takes root. */
export function mountSmallDisk(size: number): SmallDisk | null {
  const dir = tempFolder()
  if (!mount('-o', `size=${size}m`, 'none', dir)) {
    rmSync(dir, { recursive: true })
    return null
  }
  return {
    dir,
    makeReadOnly() {
      for (let tries = 0; !mount('-o', 'remount,ro', 'none', dir); tries++)
        if (tries === mostTries) throw new Error(`${dir} can't be made read-only`)
    },
    remove() {
      spawnSync('umount', ['--lazy', dir])
      rmSync(dir, { recursive: true })
    },
  }
}

export const noSmallDisk = 'NOT RUN, because mounting a tmpfs is not allowed here (it takes root)'
