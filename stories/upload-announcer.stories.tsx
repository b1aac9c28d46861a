import { expect, waitFor } from 'storybook/test'

import preview from '../.storybook/preview.tsx'
import { createUploader } from '../src/core/index.ts'
import { UploadAnnouncer } from '../src/index.ts'
import { scriptedBackend } from '../src/testing/index.ts'
import { fileOf } from '../test/support/engine.ts'

const uploader = createUploader({ backend: scriptedBackend(), autoStart: false, maxFiles: 2 })

const meta = preview.meta({
  title: 'UploadAnnouncer',
  component: UploadAnnouncer,
  args: { uploader },
  argTypes: {
    uploader: { description: 'Default: the nearest provider’s.', control: false },
    messages: { description: 'Texts that differ.', control: 'object' },
  },
})

/** Out of sight: what a screen reader says stands in its live region. */
export const Announces = meta.story({
  parameters: { docs: { source: { code: '<UploadAnnouncer />' } } },
  render: (args) => (
    <>
      <p>Nothing to see: this is read out.</p>
      <UploadAnnouncer {...args} />
    </>
  ),
  play: async ({ canvas }) => {
    uploader.remove()
    uploader.add([
      fileOf('one.png', 16, 'image/png'),
      fileOf('two.png', 16, 'image/png'),
      fileOf('three.png', 16, 'image/png'),
    ])
    await waitFor(() =>
      expect(canvas.getByRole('status')).toHaveTextContent(/2 files added\. .+ not added\./),
    )
  },
})
