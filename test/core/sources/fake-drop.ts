/** Drops as browsers give them, as far as `streamDrop` looks. */

/** What reading gives instead of a file. */
export interface Failing {
  readonly failure: string
}
/** A read that rejects with a DOMException of this name. */
export const failing = (failure: string): Failing => ({ failure })

export interface FakeFolder {
  readonly name: string
  readonly children: Readonly<Record<string, string | Failing | FakeFolder>>
  readonly error?: string
  /** Entries that are read before the error. */
  readonly after?: number
  readonly onRead?: () => void
  /** Entries that a call gives at most. Default 100, as in Chromium. */
  readonly page?: number
}

export const folder = (
  name: string,
  children: FakeFolder['children'],
  how: Omit<FakeFolder, 'name' | 'children'> = {},
): FakeFolder => ({ name, children, ...how })

const isFolder = (node: FakeFolder['children'][string]): node is FakeFolder =>
  typeof node === 'object' && 'children' in node

function entryOf(node: FakeFolder['children'][string], path: string): FileSystemEntry {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (!isFolder(node)) {
    const file = (resolve: (file: File) => void, reject: (error: Error) => void): void =>
      typeof node === 'string'
        ? resolve(new File([node], name))
        : reject(new DOMException('no', node.failure))
    return { isFile: true, isDirectory: false, name, fullPath: path, file } as unknown as FileSystemEntry
  }
  const createReader = (): unknown => {
    const entries = Object.entries(node.children).map(([inner, child]) => entryOf(child, `${path}/${inner}`))
    let at = 0
    return {
      readEntries(resolve: (entries: FileSystemEntry[]) => void, reject: (error: Error) => void) {
        node.onRead?.()
        if (node.error && at >= (node.after ?? 0)) reject(new DOMException('no', node.error))
        else resolve(entries.slice(at, (at += node.page ?? 100)))
      },
    }
  }
  return {
    isFile: false,
    isDirectory: true,
    name,
    fullPath: path,
    createReader,
  } as unknown as FileSystemEntry
}

export const fileHandle = (name: string, content: string): FileSystemFileHandle =>
  ({ kind: 'file', name, getFile: async () => new File([content], name) }) as unknown as FileSystemFileHandle

export const directoryHandle = (
  name: string,
  children: readonly FileSystemFileHandle[],
): FileSystemDirectoryHandle =>
  ({
    kind: 'directory',
    name,
    async *values() {
      yield* children
    },
  }) as unknown as FileSystemDirectoryHandle

/** What an item has beyond its name. */
export interface ItemOptions {
  kind?: 'string'
  handle?: FileSystemFileHandle | FileSystemDirectoryHandle | Error
  noFile?: boolean
  calls?: { entry: number; handle: number }
}

export function item(node: string | FakeFolder, options: ItemOptions = {}): DataTransferItem {
  const { kind = 'file', handle, noFile = false, calls } = options
  const name = typeof node === 'string' ? node : node.name
  const type = typeof node === 'string' ? 'text/plain' : ''
  const fake = {
    kind,
    getAsFile: () => (noFile ? null : new File(['x'], name, { type })),
    webkitGetAsEntry() {
      if (calls) calls.entry += 1
      return noFile ? null : entryOf(typeof node === 'string' ? 'x' : node, `/${name}`)
    },
  }
  const getAsFileSystemHandle = async (): Promise<unknown> => {
    if (calls) calls.handle += 1
    if (handle instanceof Error) throw handle
    return handle
  }
  return { ...fake, ...(handle && { getAsFileSystemHandle }) } as unknown as DataTransferItem
}

/** A drop event; after its `end()` it has nothing any more, as after its handler. */
export function dropOf(items: readonly DataTransferItem[]): DragEvent & { end: () => void } {
  const given = [...items]
  return {
    dataTransfer: { items: given, files: [] },
    end() {
      for (const one of given)
        Object.assign(one, {
          getAsFile: () => null,
          webkitGetAsEntry: () => null,
          getAsFileSystemHandle: undefined,
        })
      given.length = 0
    },
  } as unknown as DragEvent & { end: () => void }
}
