import type { ChangeEvent, ClipboardEvent, DragEvent } from 'react'

import { dragHasFiles, filesFromPaste, streamDrop, streamFiles } from '../core/index.ts'
import type { Accept, Uploader } from '../core/index.ts'

/** Props of `<input type="file">`. */
export interface UploadInputProps {
  type: 'file'
  multiple: boolean
  accept: string | undefined
  onChange(event: ChangeEvent<HTMLInputElement>): void
}

/** Props of an element that takes drops. */
export interface UploadDropProps {
  onDragEnter(event: DragEvent): void
  onDragOver(event: DragEvent): void
  onDrop(event: DragEvent): void
}

/** Props of an element that takes pastes. */
export interface UploadPasteProps {
  onPaste(event: ClipboardEvent): void
}

/** For who draws an own UI: spread them on plain elements. `Dropzone` and `PasteTarget` do more. */
export interface UploadPropGetters {
  readonly getInputProps: (options?: { multiple?: boolean }) => UploadInputProps
  readonly getDropProps: () => UploadDropProps
  readonly getPasteProps: () => UploadPasteProps
}

/** Makes the getters. `accept` of the rules is what the chooser shows; the engine's rules decide. */
export function createPropGetters(uploader: Uploader): UploadPropGetters {
  return {
    getInputProps: ({ multiple = true } = {}) => ({
      type: 'file',
      multiple,
      accept: acceptAttribute(uploader.getRules().accept),
      onChange({ currentTarget }) {
        // In batches: a browser looks up each file's size when it is asked for, and thousands are a long task.
        void uploader.addFrom(streamFiles(currentTarget.files)).catch(reportError)
        currentTarget.value = '' // so that choosing the same file again is a change
      },
    }),
    getDropProps: () => ({
      onDragEnter: allow,
      onDragOver: allow,
      onDrop(event) {
        if (!dragHasFiles(event.dataTransfer)) return
        event.preventDefault() // the browser would leave the page and open the file
        void uploader.addFrom(streamDrop(event.nativeEvent)).catch(reportError)
      },
    }),
    getPasteProps: () => ({
      onPaste(event) {
        const files = filesFromPaste(event.clipboardData)
        if (files.length === 0) return // text stays the field's own affair
        event.preventDefault()
        uploader.add(files)
      },
    }),
  }
}

function allow(event: DragEvent): void {
  if (!dragHasFiles(event.dataTransfer)) return
  event.preventDefault() // says that a drop is welcome here
  event.dataTransfer.dropEffect = 'copy'
}

/** The chooser's `accept` attribute: media types and extensions, comma-separated. */
export function acceptAttribute(accept: Accept | undefined): string | undefined {
  if (!accept) return undefined
  // A wildcard with extensions means just those: named together, the chooser would show the whole family.
  const entries = Object.entries(accept)
  return entries
    .flatMap(([type, extensions]) =>
      type.endsWith('/*') && extensions.length ? extensions : [type].concat(extensions),
    )
    .join(',')
}
