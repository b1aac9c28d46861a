/** What a browser can do about getting at files. */
import { mayUseHandles, mayUsePickers } from './file-system-access.ts'

/** Each is false on a server, and in a browser or a page that lacks it; none is asked of the user. */
export interface Capabilities {
  /** Files can be dragged in. Phones say so too, and have nothing to drag from. */
  readonly drop: boolean
  /** Files can be pasted. */
  readonly paste: boolean
  /** A whole folder can be chosen in a file input (`webkitdirectory`). */
  readonly folders: boolean
  /** Dropped files keep a handle, so that uploads go on after a reload without choosing the file again. */
  readonly fileHandles: boolean
  /** `pickFiles()` works: chosen files keep a handle as well. */
  readonly filePicker: boolean
}

/** What this browser can do on this page, by looking. */
export function capabilities(): Capabilities {
  return {
    drop: typeof DragEvent === 'function' && typeof DataTransfer === 'function',
    paste: typeof ClipboardEvent === 'function',
    folders: typeof HTMLInputElement === 'function' && 'webkitdirectory' in HTMLInputElement.prototype,
    fileHandles:
      typeof DataTransferItem === 'function' &&
      'getAsFileSystemHandle' in DataTransferItem.prototype &&
      mayUseHandles(),
    filePicker: mayUsePickers(),
  }
}
