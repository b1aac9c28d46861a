import type { UploadRules, UploaderSettings } from '../settings.ts'

const names = ['accept', 'minSize', 'maxSize', 'maxFiles', 'maxTotalSize', 'overflow'] as const

/** The rules in force: each the app's own where it has one, else the server's. */
export function rulesOf(settings: UploaderSettings): UploadRules {
  const { limits = {} } = settings
  return Object.freeze({
    accept: settings.accept ?? limits.accept,
    minSize: settings.minSize ?? limits.minSize,
    maxSize: settings.maxSize ?? limits.maxSize,
    maxFiles: settings.maxFiles ?? limits.maxFiles,
    maxTotalSize: settings.maxTotalSize ?? limits.maxTotalSize,
    overflow: settings.overflow ?? limits.overflow,
  })
}

/** Do they say the same? `accept` is often written anew with each render and means the same. */
export function sameRules(a: UploadRules, b: UploadRules): boolean {
  return names.every((name) =>
    name === 'accept' ? JSON.stringify(a.accept) === JSON.stringify(b.accept) : a[name] === b[name],
  )
}
