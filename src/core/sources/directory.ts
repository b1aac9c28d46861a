import { rememberHandle } from './handles.ts'
/** Folders that are handles: picked with `showDirectoryPicker()`, dropped in Chromium, or a page's own. */
import type { FileBatch } from './types.ts'
import { chunkSize, walk } from './walk.ts'
import type { FileNode, FolderNode } from './walk.ts'

/**
 * The files of a folder and of all folders in it, in batches as they are found, each with its place and its handle.
 * What cannot be read is in the batch as well, and does not end the walk.
 *
 * Only where `capabilities().filePicker` is true may a page call `showDirectoryPicker()`.
 *
 * @example
 * for await (const { files } of filesFromDirectory(await showDirectoryPicker())) uploader.add(files)
 */
export function filesFromDirectory(directory: FileSystemDirectoryHandle): AsyncIterable<FileBatch> {
  return walk([folderNode(directory, directory.name)])
}

/** A folder that is a handle, at a place of its own. */
export function folderNode(handle: FileSystemDirectoryHandle, path: string): FolderNode {
  return {
    path,
    async *children() {
      let nodes: (FileNode | FolderNode)[] = []
      for await (const child of handle.values()) {
        // The root of a page's own files has no name.
        const place = path ? `${path}/${child.name}` : child.name
        nodes.push(child.kind === 'file' ? fileNode(child, place) : folderNode(child, place))
        if (nodes.length < chunkSize) continue
        yield nodes
        nodes = []
      }
      yield nodes
    },
  }
}

function fileNode(handle: FileSystemFileHandle, path: string): FileNode {
  return {
    path,
    async open() {
      const file = await handle.getFile()
      rememberHandle(file, handle)
      return file
    },
  }
}
