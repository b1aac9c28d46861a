import { open, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'

/** Folders that this process has locked. A lock that names this process and is not here is of an earlier life. */
const held = new Set<string>()

/**
 * Takes a folder for one server: a second one would clear away what the first has not finished.
 * @returns the function that gives it back
 * @throws Error if a server that lives has it (`code` is `EBUSY`)
 */
export async function lockFolder(directory: string): Promise<() => Promise<void>> {
  const folder = resolve(directory)
  const path = join(folder, 'server.pid')
  for (;;) {
    try {
      const file = await open(path, 'wx')
      await file.writeFile(String(process.pid))
      await file.close()
      break
    } catch (cause) {
      if (!hasCode(cause, 'EEXIST')) throw cause
      const owner = Number(await readFile(path, 'utf8').catch(() => ''))
      if (isAlive(owner, folder)) {
        const what = `The folder ${directory} belongs to another local S3 that runs (process ${owner}).`
        const error = new Error(`${what} Stop that one, or choose another folder.`, { cause })
        throw Object.assign(error, { code: 'EBUSY' })
      }
      await rm(path, { force: true }) // of a server that ended without a word
    }
  }
  held.add(folder)
  return async () => {
    // Given back once: the second time it may be another server's.
    if (held.delete(folder)) await rm(path, { force: true })
  }
}

function isAlive(owner: number, folder: string): boolean {
  if (!Number.isInteger(owner) || owner <= 0) return false
  if (owner === process.pid) return held.has(folder)
  try {
    process.kill(owner, 0) // asks only whether it is there
    return true
  } catch (error) {
    return hasCode(error, 'EPERM') // there, and somebody else's
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
