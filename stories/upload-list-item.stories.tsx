import { expect } from 'storybook/test'

import preview from '../.storybook/preview.tsx'
import type { UploadItem, Uploader } from '../src/core/index.ts'
import { UploadListItem } from '../src/index.ts'
import { stillUploader } from '../src/testing/still-uploader.ts'
import { errorOf, itemInStatus, itemOf, sentBytes, stored, storedWaiting } from '../test/fixtures/items.ts'

const meta = preview.meta({
  title: 'UploadListItem',
  component: UploadListItem.Root,
  parameters: { docs: { source: { transform: (code: string) => code.replace(/id="[^"]*"/, 'id={id}') } } },
  args: {
    id: 'uploading',
    uploader: stillUploader({ items: [itemInStatus.uploading], progress: sentBytes }),
  },
  argTypes: {
    id: { description: 'The item’s id.', control: false },
    uploader: { description: 'Default: the nearest provider’s.', control: false },
    messages: { description: 'Texts that differ.', control: 'object' },
    children: { description: 'Parts of your choice. Default: all.', control: false },
  },
  // A row is a list item, and those live in lists.
  decorators: [
    (Story) => (
      <ul className="s3u-list" aria-label="Files">
        <Story />
      </ul>
    ),
  ],
})

const only = (item: UploadItem): { id: string; uploader: Uploader } => ({
  id: item.id,
  uploader: stillUploader({ items: [item], progress: sentBytes }),
})

// One story per status, each named after it; test/stories/ looks for them.

export const Queued = meta.story({ args: only(itemInStatus.queued) })
export const Preparing = meta.story({ args: only(itemInStatus.preparing) })
export const Uploading = meta.story({
  args: only(itemInStatus.uploading),
  play: async ({ canvas }) => {
    const bar = canvas.getByRole('progressbar', { name: 'IMG_2041.jpg' })
    await expect(bar).toHaveValue(43)
    await expect(bar).toHaveAttribute('aria-valuetext', '4.5 MB of 10.4 MB')
  },
})
export const Waiting = meta.story({ args: only(itemInStatus.waiting) })
export const Paused = meta.story({ args: only(itemInStatus.paused) })
export const Processing = meta.story({ args: only(itemInStatus.processing) })
export const Success = meta.story({ args: only(itemInStatus.success) })
export const Error = meta.story({ args: only(itemInStatus.error) })
export const Canceled = meta.story({ args: only(itemInStatus.canceled) })
export const Rejected = meta.story({ args: only(itemInStatus.rejected) })
export const Remote = meta.story({ args: only(itemInStatus.remote) })

// Variants of a status.

export const UploadingWithPause = meta.story({
  args: only(itemOf({ status: 'uploading' }, { id: 'uploading', canResume: true })),
})
export const PausedWithResume = meta.story({
  args: only(itemOf({ status: 'paused', reason: 'user' }, { canResume: true })),
})
export const PausedNeedsFile = meta.story({
  args: only(itemOf({ status: 'paused', reason: 'needs-file' }, { canResume: true, file: undefined })),
})
export const PausedWrongFile = meta.story({
  args: only(
    itemOf(
      { status: 'paused', reason: 'needs-file', error: errorOf('file-changed') },
      { canResume: true, file: undefined },
    ),
  ),
})
export const PausedNeedsPermission = meta.story({
  args: only(itemOf({ status: 'paused', reason: 'needs-permission' }, { canResume: true, file: undefined })),
})
export const PausedOtherTab = meta.story({
  args: only(itemOf({ status: 'paused', reason: 'other-tab' }, { canResume: true, file: undefined })),
})
/** Pasted, or made by the page, and left in the middle: nobody can choose it again. */
export const FailedGone = meta.story({
  args: only(
    itemOf(
      { status: 'error', step: 'transfer', error: errorOf('file-gone') },
      { name: 'pasted 2026-11-20 10.15.30.png', file: undefined },
    ),
  ),
})
export const WaitingOffline = meta.story({ args: only(itemOf({ status: 'waiting', reason: 'offline' })) })
/** Its bytes are stored: it waits only for the app's server, and cannot be stopped any more. */
export const WaitingStored = meta.story({
  args: only({ ...storedWaiting, until: Date.now() + 600_000 }),
  play: async ({ canvas }) => {
    await expect(canvas.getByRole('progressbar', { name: 'IMG_2041.jpg' })).toHaveValue(100)
    await expect(canvas.getByText(/^The file has arrived.+ in \d+ min\.$/)).toBeVisible()
    await expect(canvas.getByRole('button', { name: 'Retry IMG_2041.jpg' })).toBeVisible()
    await expect(canvas.queryByRole('button', { name: /^Pause/ })).toBeNull()
  },
})
export const Deleting = meta.story({
  args: only(itemOf({ status: 'success', stored, result: undefined, removal: 'pending' })),
})
export const DeletingFailed = meta.story({
  args: only(itemOf({ status: 'success', stored, result: undefined, removal: errorOf('access-denied') })),
})
export const EmptyFile = meta.story({
  args: only(itemOf({ status: 'uploading' }, { size: 0, name: 'empty.txt' })),
})
