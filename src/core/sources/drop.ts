import { folderNode } from './directory.ts'
import { mayUseHandles } from './file-system-access.ts'
import { rememberHandle } from './handles.ts'
/** What is dropped: files and folders. */
import type { FileBatch } from './types.ts'
import { walk } from './walk.ts'
import type { FolderNode, TreeNode } from './walk.ts'

/**
 * The files of a drop in batches as they are found, folders walked, each with its place and (Chromium) its handle.
 * What cannot be read is in the batch as well, and does not end the walk.
 *
 * Call it inside the event handler: it takes hold of everything at once, since the drag's data is gone after the first
 * `await` (FACTS 4.6). Nothing is read before the loop begins.
 *
 * @example
 * const batches = streamDrop(event)
 * for await (const { files } of batches) uploader.add(files)
 */
export function streamDrop(drop: DragEvent | DataTransfer | null): AsyncIterable<FileBatch> {
  const data = drop && 'dataTransfer' in drop ? drop.dataTransfer : drop
  const items = [...(data?.items ?? [])].filter(({ kind }) => kind === 'file')
  // Old synthetic events have files without items.
  const files = items.length > 0 ? items.map((item) => item.getAsFile()) : [...(data?.files ?? [])]
  const asked = items.map((_, index) => index < mostAsked || files[index]?.type === '')
  const withHandles = mayUseHandles()
  const hasHandle = (item: DataTransferItem): item is HandleItem =>
    withHandles && 'getAsFileSystemHandle' in item
  // All entries first, then all handles: in turns it takes Chromium three times as long.
  const entries = items.map((item, index) =>
    (hasHandle(item) ? index < mostEntries : asked[index]) ? item.webkitGetAsEntry?.() : undefined,
  )
  const handles = items.map((item, index) =>
    asked[index] && hasHandle(item) ? handleOfItem(item) : undefined,
  )
  return walkAll(files.map((file, index) => nodeOf({ file, entry: entries[index], handle: handles[index] })))
}

/**
 * Items that are asked whether they are a folder; beyond these, only those without a type. A file with one is nearly
 * always a file, and 10,000 questions take Chromium half a second in the event handler.
 */
const mostAsked = 500
/** Items asked for their entry where there are handles: `webkitGetAsEntry` of n items takes n² (10,000: 6 s). */
const mostEntries = 50

/**
 * All files of a drop at once, in the event handler as {@link streamDrop}; for large folders take that one.
 * @throws UploadError `file-unreadable` if nothing at all could be read; what else could not goes to `reportError`
 */
export async function filesFromDrop(drop: DragEvent | DataTransfer | null): Promise<File[]> {
  const all: FileBatch[] = []
  for await (const batch of streamDrop(drop)) all.push(batch)
  const files = all.flatMap((batch) => batch.files)
  const errors = all.flatMap(({ unreadable }) => unreadable.map(({ error }) => error))
  if (files.length === 0 && errors[0]) throw errors[0]
  for (const error of errors) reportError(error)
  return files
}

/** Does the drag carry files? False for text, links, and a page's own elements. */
export function dragHasFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') ?? false
}

type AnyHandle = FileSystemFileHandle | FileSystemDirectoryHandle

/** What lib.dom lacks: Chromium only, and only for pages that {@link mayUseHandles}. */
interface HandleItem extends DataTransferItem {
  getAsFileSystemHandle(): Promise<AnyHandle | null>
}

async function* walkAll(nodes: readonly Promise<TreeNode>[]): AsyncGenerator<FileBatch, void, undefined> {
  yield* walk(await Promise.all(nodes))
}

/** What a browser gives of an item, while it does. */
interface Item {
  file: File | null
  entry: FileSystemEntry | null | undefined
  handle: Promise<AnyHandle | undefined> | undefined
}

async function nodeOf({ file, entry, handle }: Item): Promise<TreeNode> {
  const given = await handle
  // By its handle, so that its files have theirs.
  if (given?.kind === 'directory') return folderNode(given, given.name)
  if (entry?.isDirectory) return entryNode(entry)
  return {
    path: file?.name ?? entry?.name ?? '',
    async open() {
      // Chromium knows the size of a handle's file already.
      const opened =
        (await given?.getFile().catch(() => undefined)) ?? file ?? (entry && (await fileOf(entry)))
      if (!opened) throw new Error('The item is no file; the program that it comes from gives none.')
      if (given) rememberHandle(opened, given)
      return opened
    },
  }
}

/** Its handle; none where Chromium refuses one (a system's own folder). */
async function handleOfItem(item: HandleItem): Promise<AnyHandle | undefined> {
  return (await item.getAsFileSystemHandle().catch(() => undefined)) ?? undefined
}

function entryNode(entry: FileSystemEntry): TreeNode {
  const path = entry.fullPath.replace(/^\//, '')
  if (isDirectory(entry)) return entryFolder(entry, path)
  return { path, open: () => fileOf(entry) }
}

function entryFolder(entry: FileSystemDirectoryEntry, path: string): FolderNode {
  return {
    path,
    async *children() {
      const reader = entry.createReader()
      for (;;) {
        // At most 100 a call in Chromium; none means the end.
        const entries = await new Promise<FileSystemEntry[]>((resolve, reject) => {
          reader.readEntries(resolve, reject)
        })
        if (entries.length === 0) return
        yield entries.map(entryNode)
      }
    },
  }
}

function fileOf(entry: FileSystemEntry): Promise<File> {
  return new Promise((resolve, reject) => {
    if (isFile(entry)) entry.file(resolve, reject)
    else reject(new Error('The entry is neither a file nor a folder.'))
  })
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isDirectory = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory
