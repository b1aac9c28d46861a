import preview from '../.storybook/preview.tsx'
import type { UploadItem, Uploader } from '../src/core/index.ts'
import { UploadSummary } from '../src/index.ts'
import { stillUploader } from '../src/testing/still-uploader.ts'
import { itemInStatus, mixedItems, mixedSent } from '../test/fixtures/items.ts'

const of = (...items: readonly UploadItem[]): Uploader =>
  stillUploader({
    items: items.map((item, index) => ({ ...item, id: item.id + index })),
    progress: { uploading0: 4_500_000 },
  })

const meta = preview.meta({
  title: 'UploadSummary',
  component: UploadSummary,
  args: { uploader: stillUploader({ items: mixedItems, progress: mixedSent }), autoStart: true },
  argTypes: {
    uploader: { description: 'Default: the nearest provider’s.', control: false },
    autoStart: {
      description:
        'The uploader’s own setting. Where it is false there is a button that starts what is queued.',
      control: 'boolean',
    },
    messages: { description: 'Texts that differ.', control: 'object' },
  },
})

const { uploading, queued, success, error, rejected } = itemInStatus

export const Mixed = meta.story({})
export const Empty = meta.story({ args: { uploader: of() } })
export const ReadyToStart = meta.story({ args: { autoStart: false, uploader: of(queued, queued, queued) } })
export const Uploading = meta.story({ args: { uploader: of(uploading, queued, queued) } })
export const AllDone = meta.story({ args: { uploader: of(success, success) } })
export const AllFailed = meta.story({ args: { uploader: of(error, error) } })
export const OnlyRejected = meta.story({ args: { uploader: of(rejected) } })
