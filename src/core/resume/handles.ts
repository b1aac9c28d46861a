/** From a file handle that was kept back to its file: Chromium asks the user again in each session (FACTS 4.4). */
/** How {@link fileOfHandle} may go about it. */
export interface HandleOptions {
  /**
   * May the user be asked? Only inside a click or key press: browsers ignore the question elsewhere. One question can
   * follow another without a new click only for a few seconds.
   */
  readonly ask: boolean
}

/** What lib.dom lacks: only Chromium has permissions for handles, and asks for those of the user's own disk. */
interface PermittedHandle {
  queryPermission(descriptor: { mode: 'read' }): Promise<PermissionState>
  requestPermission(descriptor: { mode: 'read' }): Promise<PermissionState>
}

/**
 * The file of a handle, as it is on the disk now: compare its fingerprint before going on with its upload.
 * - `needs-permission`: ask the user to click, then call again with `ask: true`; or the user said no
 * - `gone`: moved, renamed, deleted, or held by another program: the file has to be chosen again
 */
export async function fileOfHandle(
  handle: FileSystemFileHandle,
  { ask }: HandleOptions,
): Promise<File | 'needs-permission' | 'gone'> {
  try {
    return (await isPermitted(handle, ask)) ? await handle.getFile() : 'needs-permission'
  } catch (cause) {
    // SecurityError: asked outside of a click. NotAllowedError: taken back between the two calls.
    const name = cause instanceof Error ? cause.name : ''
    return name === 'SecurityError' || name === 'NotAllowedError' ? 'needs-permission' : 'gone'
  }
}

async function isPermitted(handle: FileSystemFileHandle, ask: boolean): Promise<boolean> {
  // Where there is nothing to ask (a page's own private files in Firefox and Safari), all is permitted.
  if (!hasPermissions(handle)) return true
  const mode = { mode: 'read' } as const
  if ((await handle.queryPermission(mode)) === 'granted') return true
  return ask && (await handle.requestPermission(mode)) === 'granted'
}

function hasPermissions(handle: FileSystemFileHandle): handle is FileSystemFileHandle & PermittedHandle {
  return 'queryPermission' in handle && 'requestPermission' in handle
}
