import type { ReactNode } from 'react'
import { expect, userEvent, waitFor, within } from 'storybook/test'

import preview from '../.storybook/preview.tsx'
import type { UploadItem } from '../src/core/index.ts'
import { S3Uploader } from '../src/index.ts'
import { scriptedBackend } from '../src/testing/index.ts'
import { stillUploader } from '../src/testing/still-uploader.ts'
import { itemOf, mixedItems, mixedSent, stored } from '../test/fixtures/items.ts'
import { fileOf } from '../test/support/engine.ts'
import { drag } from './events.ts'
import { timedTransport } from './timed-transport.ts'

const empty = stillUploader({ items: [] })

/** An app names its signer where a story has an uploader. Storybook calls this on its own results too. */
function withEndpoint(code: string): string {
  return code.replaceAll(
    /<S3Uploader(?!\s+endpoint=)(\s+)/g,
    (_, gap: string) => `<S3Uploader${gap}endpoint="/api/uploads"${gap}`,
  )
}

/** A story whose code is not that of its arguments. */
const shows = (code: string): { docs: { source: { code: string } } } => ({ docs: { source: { code } } })

const meta = preview.meta({
  title: 'S3Uploader',
  component: S3Uploader,
  parameters: { docs: { source: { transform: withEndpoint } } },
  args: { uploader: empty, disabled: false, paste: 'self' },
  argTypes: {
    endpoint: { description: 'Address of the kit’s own signer: `"/api/uploads"`.', control: false },
    backend: { description: 'Any other signer, instead of `endpoint`.', control: false },
    uploader: { description: 'An uploader of yours, instead of `endpoint` or `backend`.', control: false },
    accept: {
      description: 'Media types to extensions, as react-dropzone has it. Default: everything.',
      control: false,
    },
    minSize: { description: 'Bytes. Default 0.', control: false },
    maxSize: { description: 'Bytes. Default: no limit.', control: false },
    maxFiles: { description: 'Default: no limit.', control: false },
    maxTotalSize: { description: 'Bytes of all files together. Default: no limit.', control: false },
    autoStart: { description: 'Start files as they are added. Default true.', control: false },
    concurrency: { description: 'Files in transfer at a time. Default 6.', control: false },
    onSuccess: { description: 'A file is stored and confirmed.', control: false },
    onError: { description: 'A file failed.', control: false },
    onSettled: { description: 'Nothing is going on any more.', control: false },
    disabled: { description: 'Takes no new files; what is under way goes on.', control: 'boolean' },
    paste: {
      description:
        'Where a paste is taken: while the focus is inside (`self`), anywhere on the page (`document`).',
      control: 'inline-radio',
      options: ['self', 'document'],
    },
    messages: { description: 'Texts that differ from English.', control: 'object' },
    className: { description: 'Added to its own class.', control: 'text' },
  },
})

const rules = { accept: { 'image/*': [], 'application/pdf': ['.pdf'] }, maxSize: 25_000_000, maxFiles: 10 }
const mixed = stillUploader({ items: mixedItems, progress: mixedSent, rules })

/** A real engine on a pretended line: drop something, or press the button. */
const Live = ({ autoStart = true }: { autoStart?: boolean }): ReactNode => (
  <S3Uploader
    backend={scriptedBackend()}
    transport={timedTransport()}
    retry={false}
    autoStart={autoStart}
    maxSize={rules.maxSize}
    accept={rules.accept}
  />
)

export const Empty = meta.story({ args: { uploader: empty } })

export const WithLimits = meta.story({
  args: { uploader: stillUploader({ items: [], rules }) },
  parameters: shows(`<S3Uploader
  endpoint="/api/uploads"
  accept={{ 'image/*': [], 'application/pdf': ['.pdf'] }}
  maxSize={25_000_000}
  maxFiles={10}
/>`),
})

export const MixedResults = meta.story({ args: { uploader: mixed } })

export const AllDone = meta.story({
  args: {
    uploader: stillUploader({
      items: ['IMG_2041.jpg', 'IMG_2042.jpg', 'contract-signed.pdf'].map((name, index): UploadItem =>
        itemOf(
          { status: 'success', stored, result: undefined },
          { id: name, name, size: 2_400_000 * (index + 1) },
        ),
      ),
    }),
  },
})

export const Disabled = meta.story({ args: { uploader: mixed, disabled: true } })

export const Dark = meta.story({ args: { uploader: mixed }, globals: { theme: 'dark' } })

export const RightToLeft = meta.story({ args: { uploader: mixed }, globals: { direction: 'rtl' } })

export const Narrow = meta.story({
  args: { uploader: mixed },
  decorators: [
    (Story) => (
      <div style={{ inlineSize: 320 }}>
        <Story />
      </div>
    ),
  ],
})

export const OwnWords = meta.story({
  args: {
    uploader: empty,
    messages: {
      dropHere: () => 'Leave your scans here',
      chooseFiles: () => 'Pick scans',
    },
  },
  parameters: shows(`<S3Uploader
  endpoint="/api/uploads"
  messages={{
    dropHere: () => 'Leave your scans here',
    chooseFiles: () => 'Pick scans',
  }}
/>`),
})

export const TwoOnOnePage = meta.story({
  args: { uploader: empty },
  render: (args) => (
    <div style={{ display: 'grid', gap: '2rem' }}>
      <S3Uploader {...args} aria-label="Photos" uploader={mixed} />
      <S3Uploader {...args} aria-label="Documents" />
    </div>
  ),
})

/** Uploads that really run: two arrive, one breaks off and can be retried, one is refused by its type. */
export const Running = meta.story({
  render: () => <Live />,
  parameters: shows(`<S3Uploader
  endpoint="/api/uploads"
  accept={{ 'image/*': [], 'application/pdf': ['.pdf'] }}
  maxSize={25_000_000}
/>`),
  play: async ({ canvas }) => {
    const zone = await canvas.findByRole('group', { name: 'Drop files here' })
    drag(zone, 'drop', [
      fileOf('small.png', 400_000, 'image/png'),
      fileOf('film still.png', 1_800_000, 'image/png'),
      fileOf('this one fails.png', 900_000, 'image/png'),
      fileOf('setup.exe', 1000, 'application/x-msdownload'),
    ])
    const list = canvas.getByRole('list', { name: 'Files' })
    await waitFor(() => expect(within(list).getAllByRole('listitem')).toHaveLength(4))
    await expect(within(list).getByText(/This type of file is not accepted/)).toBeVisible()
    await within(list).findByText('Failed', undefined, { timeout: 4000 })
    await waitFor(() => expect(within(list).getAllByText('Uploaded')).toHaveLength(2), { timeout: 4000 })
    await expect(within(list).getByRole('button', { name: 'Retry this one fails.png' })).toBeVisible()
    await waitFor(
      () => expect(canvas.getByRole('status')).toHaveTextContent(/Done\. 2 files uploaded, 1 failed\./),
      {
        timeout: 8000,
      },
    )
  },
})

/** Nothing is sent before the user says so. */
export const StartedByHand = meta.story({
  render: () => <Live autoStart={false} />,
  parameters: shows('<S3Uploader endpoint="/api/uploads" autoStart={false} />'),
  play: async ({ canvas }) => {
    drag(canvas.getByRole('group', { name: 'Drop files here' }), 'drop', [
      fileOf('one.png', 16, 'image/png'),
      fileOf('two.png', 16, 'image/png'),
    ])
    await userEvent.click(await canvas.findByRole('button', { name: 'Upload 2 files' }))
    await waitFor(() => expect(canvas.getAllByText('Uploaded')).toHaveLength(2), { timeout: 4000 })
    await expect(canvas.queryByRole('button', { name: /^Upload/ })).toBeNull()
  },
})

/** The Tab key: first the button, then what can be done with all files, then each row. */
export const KeyboardOnly = meta.story({
  args: { uploader: mixed },
  play: async ({ canvas }) => {
    const order = [
      'Choose files',
      'Retry failed',
      'Cancel all',
      'Clear finished',
      'Remove contract-signed.pdf',
    ]
    for (const name of order) {
      await userEvent.tab()
      await expect(canvas.getByRole('button', { name })).toHaveFocus()
    }
  },
})
