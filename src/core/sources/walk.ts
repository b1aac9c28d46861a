/** Walks folders of any make, and hands out their files in batches as they are found. */
import { UploadError } from '../errors.ts'
import { naturalSort } from '../natural-sort.ts'
import { rememberPath } from './paths.ts'
import type { FileBatch, UnreadableEntry } from './types.ts'

/** A file that is not opened yet. */
export interface FileNode {
  readonly path: string
  readonly open: () => Promise<File>
}

/** A folder, of a drop or of the disk. */
export interface FolderNode {
  readonly path: string
  readonly children: () => AsyncIterable<readonly TreeNode[]>
}

/** See {@link walk}. */
export type TreeNode = FileNode | FolderNode

/**
 * Files opened side by side, and handed out at a time. The size of a file that was dropped or chosen by itself is
 * looked up on the disk when it is first asked for, on the main thread: 0.2 to 0.3 ms each in Chromium.
 */
export const chunkSize = 100
/** Milliseconds after which a batch is handed out as it is: network drives are slow, and people wait. */
const patience = 200
/** What systems leave in folders, and nobody wants to upload. */
const litter = /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini)$/

/**
 * The files of these and, folder by folder, of all folders in them. Reads on only when the next batch is asked for, so
 * leaving the loop ends it; the page may draw between two batches.
 */
export async function* walk(roots: readonly TreeNode[]): AsyncGenerator<FileBatch, void, undefined> {
  let files: File[] = []
  let unreadable: UnreadableEntry[] = []
  let begun = performance.now()
  for await (const chunk of chunksOf(roots)) {
    for (const found of await Promise.all(chunk.map(open)))
      if (found instanceof File) files.push(found)
      else unreadable.push(found)
    const size = files.length + unreadable.length
    if (size === 0 || (size < chunkSize && performance.now() - begun < patience)) continue
    yield { files, unreadable }
    files = []
    unreadable = []
    await nextTask()
    begun = performance.now()
  }
  if (files.length + unreadable.length > 0) yield { files, unreadable }
}

/**
 * Files in natural order, those of a folder before its folders, a hundred at most at a time; what cannot be read among
 * them. Disks name the files of a folder in any order, so each folder is listed before the first of its files is opened.
 */
async function* chunksOf(
  roots: readonly TreeNode[],
): AsyncGenerator<readonly (FileNode | UnreadableEntry)[]> {
  // Open folders wait on a stack, since trees may be deep.
  const folders: FolderNode[] = []
  function* filesOf(unsorted: readonly TreeNode[]): Generator<readonly FileNode[]> {
    const nodes = naturalSort(unsorted, ({ path }) => path)
    folders.push(...nodes.filter((node) => 'children' in node).toReversed())
    const files = nodes.filter((node) => 'open' in node)
    for (let at = 0; at < files.length; at += chunkSize) yield files.slice(at, at + chunkSize)
  }
  yield* filesOf(roots)
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    const found: TreeNode[] = []
    let unreadable: UnreadableEntry | undefined
    try {
      for await (const nodes of folder.children()) found.push(...nodes)
    } catch (cause) {
      unreadable = unreadableEntry(folder.path, cause)
    }
    yield* filesOf(found.filter(({ path }) => !litter.test(path)))
    if (unreadable) yield [unreadable]
  }
}

async function open(node: FileNode | UnreadableEntry): Promise<File | UnreadableEntry> {
  if ('error' in node) return node
  try {
    const file = await node.open()
    rememberPath(file, node.path)
    return file
  } catch (cause) {
    return unreadableEntry(node.path, cause)
  }
}

function unreadableEntry(path: string, cause: unknown): UnreadableEntry {
  const message = `"${path}" cannot be read: the browser or the disk refuses, or it is gone.`
  return { path, error: new UploadError('file-unreadable', 'never', message, { cause }) }
}

/** Lets the page draw and answer. (A timer would be slowed down in a hidden tab.) */
export function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel()
    port1.addEventListener('message', () => {
      port1.close()
      resolve()
    })
    port1.start()
    port2.postMessage(undefined)
  })
}
