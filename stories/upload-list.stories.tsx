import type { ReactNode } from 'react'
import { expect, userEvent, waitFor, within } from 'storybook/test'

import preview from '../.storybook/preview.tsx'
import { createUploader, uploadErrorCodes } from '../src/core/index.ts'
import type { UploadItem } from '../src/core/index.ts'
import { UploadList, UploadListItem } from '../src/index.ts'
import { scriptedBackend } from '../src/testing/index.ts'
import { stillUploader } from '../src/testing/still-uploader.ts'
import {
  awkwardNames,
  errorOf,
  fileErrors,
  itemOf,
  mixedItems,
  mixedSent,
  stored,
} from '../test/fixtures/items.ts'
import { fileOf } from '../test/support/engine.ts'
import { timedTransport } from './timed-transport.ts'

const meta = preview.meta({
  title: 'UploadList',
  component: UploadList,
  args: { uploader: stillUploader({ items: mixedItems, progress: mixedSent }) },
  argTypes: {
    uploader: { description: 'Default: the nearest provider’s.', control: false },
    status: { description: 'Only files in this status. Default: all.', control: 'text' },
    messages: { description: 'Texts that differ, here and in the rows.', control: 'object' },
    children: { description: 'Draws a row, from an id.', control: false },
  },
})

const succeeded = (id: string, name: string): UploadItem =>
  itemOf({ status: 'success', stored, result: undefined }, { id, name })

export const Mixed = meta.story({})

export const Empty = meta.story({ args: { uploader: stillUploader({ items: [] }) } })

export const OnlyFailed = meta.story({ args: { status: 'error' } })

export const ManyFiles = meta.story({
  args: {
    uploader: stillUploader({
      items: Array.from({ length: 200 }, (_, index) => {
        const template = mixedItems[index % mixedItems.length]
        const number = String(index + 1).padStart(4, '0')
        return template
          ? { ...template, id: `many${index}`, name: `IMG_${number}.jpg` }
          : succeeded(`many${index}`, number)
      }),
      progress: Object.fromEntries(
        Array.from({ length: 200 }, (_, index) => [`many${index}`, index * 50_000]),
      ),
    }),
  },
})

const awkward = Object.entries(awkwardNames).map(([id, name]) => succeeded(id, name))

/** The middle goes, the extension stays; the name is a button that shows all of it. */
export const LongNames = meta.story({
  args: { uploader: stillUploader({ items: awkward }) },
  play: async ({ canvas }) => {
    const name = awkwardNames.long
    const toggle = canvas.getByRole('button', { name: new RegExp(`^${name.slice(0, 30)}`) })
    await expect(toggle).toHaveTextContent(/…/)
    await expect(toggle).toHaveTextContent(/\.docx$/)
    await userEvent.click(toggle)
    await expect(toggle).toHaveTextContent(name)
  },
})

export const RightToLeftNames = meta.story({
  args: { uploader: stillUploader({ items: awkward }) },
  globals: { direction: 'rtl' },
})

const LiveList = (): ReactNode => {
  const uploader = createUploader({
    backend: scriptedBackend(),
    transport: timedTransport(),
    autoStart: false,
  })
  uploader.add(['one.png', 'two.png', 'three.png'].map((name) => fileOf(name)))
  uploader.cancel()
  return <UploadList uploader={uploader} />
}

/** A row goes, the focus stays in the list: on the next row's own button, in the end on the list. */
export const RemovalKeepsFocus = meta.story({
  render: () => <LiveList />,
  parameters: { docs: { source: { code: '<UploadList />' } } },
  play: async ({ canvas }) => {
    const list = canvas.getByRole('list', { name: 'Files' })
    const removeButton = (name: string): HTMLElement =>
      within(list).getByRole('button', { name: `Remove ${name}` })
    removeButton('three.png').focus()
    await userEvent.keyboard('{Enter}')
    await waitFor(() => expect(removeButton('two.png')).toHaveFocus())
    await userEvent.keyboard('{Enter}')
    await waitFor(() => expect(removeButton('one.png')).toHaveFocus())
    await userEvent.keyboard('{Enter}')
    await waitFor(() => expect(list).toHaveFocus())
  },
})

/** Rows of one's own, from the same parts. */
export const OwnRows = meta.story({
  args: {
    children: (id) => (
      <UploadListItem.Root key={id} id={id}>
        <UploadListItem.StatusIcon />
        <UploadListItem.Name />
        <UploadListItem.Actions>
          <UploadListItem.Retry />
          <UploadListItem.Cancel />
          <UploadListItem.Remove />
        </UploadListItem.Actions>
      </UploadListItem.Root>
    ),
  },
  parameters: {
    docs: {
      source: {
        code: `<UploadList>
  {(id) => (
    <UploadListItem.Root key={id} id={id}>
      <UploadListItem.StatusIcon />
      <UploadListItem.Name />
      <UploadListItem.Actions>
        <UploadListItem.Retry />
        <UploadListItem.Cancel />
        <UploadListItem.Remove />
      </UploadListItem.Actions>
    </UploadListItem.Root>
  )}
</UploadList>`,
      },
    },
  },
})

// Every reason, in words.

const errors = uploadErrorCodes.map((code) =>
  itemOf({ status: 'error', step: 'transfer', error: errorOf(code) }, { id: code, name: `${code}.jpg` }),
)
const rejections = Object.values(fileErrors).map((error) =>
  itemOf(
    { status: 'rejected', errors: [error] },
    { id: error.code, name: error.file.name, size: error.file.size },
  ),
)

export const EveryError = meta.story({ args: { uploader: stillUploader({ items: errors }) } })

export const EveryRejection = meta.story({ args: { uploader: stillUploader({ items: rejections }) } })
