/** From a remembered handle back to its file: Chromium only, and after the user has permitted it again. */

/** What Chromium has beyond the standard's handle (https://wicg.github.io/file-system-access/). */
interface AskingHandle extends FileSystemFileHandle {
  queryPermission(mode: { mode: 'read' }): Promise<PermissionState>
  requestPermission(mode: { mode: 'read' }): Promise<PermissionState>
}

/**
 * The file that a handle leads to; `gone` where it was moved or deleted, or the browser gives no permission any more.
 * @param ask ask the user, which browsers allow only in a click
 */
export async function fileOfHandle(
  handle: FileSystemFileHandle,
  { ask }: { ask: boolean },
): Promise<File | 'needs-permission' | 'gone'> {
  try {
    if (isAsking(handle)) {
      const state = await (ask
        ? handle.requestPermission({ mode: 'read' })
        : handle.queryPermission({ mode: 'read' }))
      if (state !== 'granted') return 'needs-permission'
    }
    return await handle.getFile()
  } catch {
    return 'gone'
  }
}

// A page's own files (OPFS) need no permission, and other browsers know no such question.
function isAsking(handle: FileSystemFileHandle): handle is AskingHandle {
  return 'queryPermission' in handle && 'requestPermission' in handle
}
