/** What files come in. Types only. */
import type { UploadError } from '../errors.ts'

/** What goes into `add()`. Folders and clipboards become `File[]` in `sources/` first. */
export type FilesInput = File | Blob | FileList | readonly (File | Blob)[]

/** Files that were found, and what could not be read on the way. Never both empty. */
export interface FileBatch {
  /** Some 100, fewer where they come slowly. Each has its place, `relativePathOf`, and where the browser gives one, its handle. */
  readonly files: readonly File[]
  /** Files and whole folders that the browser or the disk refused. */
  readonly unreadable: readonly UnreadableEntry[]
}

/** A file or folder that was dropped or picked and could not be read. */
export interface UnreadableEntry {
  /** `folder/name`; of a folder, nothing that is in it was read from here on. `''` where it has no name. */
  readonly path: string
  /** Code `file-unreadable`. */
  readonly error: UploadError
}

/** A canvas, and how its picture is to be stored. */
export interface CanvasPicture {
  readonly canvas: HTMLCanvasElement | OffscreenCanvas
  /** Its extension follows the type that the browser could write. Default `canvas`. */
  readonly name?: string
  /** What the browser is asked to write; `image/png` if it cannot (Safari: WebP). Default `image/png`. */
  readonly type?: string
  /** 0 to 1, for types that lose something. Default: the browser's. */
  readonly quality?: number
}

/** What goes into `addFrom()`. */
export type FilesSource = AsyncIterable<FileBatch> | HTMLCanvasElement | OffscreenCanvas | CanvasPicture
