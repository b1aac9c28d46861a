import type { Accept } from '../../protocol/accept-labels.ts'
/** The file picker that gives handles with its files: Chromium only, and only where the app asks for it. */
import { toUploadError } from '../errors.ts'
import { mayUsePickers } from './file-system-access.ts'
import { rememberHandle } from './handles.ts'
import type { FileBatch } from './types.ts'
import { walk } from './walk.ts'

/** What {@link pickFiles} shows. */
export interface PickOptions {
  /** Default false. */
  readonly multiple?: boolean
  /** A hint, which the user can change; the uploader's rules decide. */
  readonly accept?: Accept
}

/**
 * Opens the browser's picker, in a click. Where `capabilities().filePicker` is false, use an `<input type="file">`.
 * Returns the chosen files with what could not be read; both empty when the user cancels.
 * @throws UploadError `internal` when the browser does not open it: outside of a click, or without `filePicker`
 */
export async function pickFiles({ multiple = false, accept = {} }: PickOptions = {}): Promise<FileBatch> {
  const handles = await open({ multiple, types: typesOf(accept) })
  const nodes = handles.map((handle) => ({
    path: handle.name,
    async open(): Promise<File> {
      const file = await handle.getFile()
      rememberHandle(file, handle)
      return file
    },
  }))
  const batches: FileBatch[] = []
  for await (const batch of walk(nodes)) batches.push(batch)
  return {
    files: batches.flatMap(({ files }) => files),
    unreadable: batches.flatMap(({ unreadable }) => unreadable),
  }
}

/** What lib.dom lacks. https://wicg.github.io/file-system-access/#api-showopenfilepicker */
interface PickerWindow {
  showOpenFilePicker(options: {
    multiple: boolean
    types: readonly PickerType[]
  }): Promise<FileSystemFileHandle[]>
}

interface PickerType {
  readonly accept: Readonly<Record<string, readonly string[]>>
}

async function open(
  options: Parameters<PickerWindow['showOpenFilePicker']>[0],
): Promise<FileSystemFileHandle[]> {
  try {
    const page: object = globalThis
    if (!hasPicker(page)) throw new Error('This browser or page has no showOpenFilePicker().')
    return await page.showOpenFilePicker(options)
  } catch (cause) {
    if (cause instanceof Error && cause.name === 'AbortError') return []
    throw toUploadError(cause, 'opening the file picker')
  }
}

/** The picker throws at what our rules take (`{'.pdf': []}`, `{'image/*': ['png']}`): without a hint it shows all. */
function typesOf(accept: Accept): readonly PickerType[] {
  const isPlain = Object.entries(accept).every(
    ([type, extensions]) =>
      /^[a-z]+\/[\w.+*-]+$/i.test(type) && extensions.every((one) => /^\.[\w.+-]{1,15}$/.test(one)),
  )
  return isPlain && Object.keys(accept).length > 0 ? [{ accept }] : []
}

function hasPicker(page: object): page is PickerWindow {
  return 'showOpenFilePicker' in page && mayUsePickers()
}
