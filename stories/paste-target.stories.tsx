import { expect, fn, userEvent } from 'storybook/test'

import preview from '../.storybook/preview.tsx'
import { PasteTarget } from '../src/index.ts'
import { stillUploader } from '../src/testing/still-uploader.ts'
import { fileOf } from '../test/support/engine.ts'
import { paste } from './events.ts'

const onCommand = fn<(command: string, what: unknown) => void>()

const meta = preview.meta({
  title: 'PasteTarget',
  component: PasteTarget,
  args: { uploader: stillUploader({ items: [], onCommand }), scope: 'self', disabled: false },
  argTypes: {
    uploader: { description: 'Where files go. Default: the nearest provider’s.', control: false },
    scope: {
      description: 'Pastes while the focus is inside it, or anywhere on the page.',
      control: 'inline-radio',
      options: ['self', 'document'],
    },
    disabled: { description: 'Takes no pastes for now.', control: 'boolean' },
    messages: { description: 'Texts that differ.', control: 'object' },
    children: { description: 'Without children it is a zone of its own.', control: false },
  },
  beforeEach: () => {
    onCommand.mockClear()
  },
})

export const Zone = meta.story({
  play: async ({ canvas }) => {
    await userEvent.tab()
    const zone = canvas.getByRole('group', { name: 'Click here, then paste files or a screenshot' })
    await expect(zone).toHaveFocus()
    await expect(paste(zone, [fileOf('image.png', 16, 'image/png')])).toBe(false)
    await expect(onCommand).toHaveBeenCalledWith('add', [
      expect.objectContaining({ name: expect.stringMatching(/^pasted .+\.png$/) }),
    ])
  },
})

export const Disabled = meta.story({ args: { disabled: true } })

/** Around a form: pictures go to the uploader, what is pasted into the field stays in the field. */
export const AroundATextField = meta.story({
  args: {
    children: (
      <label>
        Comment <textarea rows={3} />
      </label>
    ),
  },
  play: async ({ canvas }) => {
    const field = canvas.getByRole('textbox', { name: 'Comment' })
    await expect(paste(field, [fileOf('image.png', 16, 'image/png')])).toBe(true)
    await expect(onCommand).not.toHaveBeenCalled()
  },
})

export const WholePage = meta.story({
  args: { scope: 'document', children: <p>Paste anywhere on this page.</p> },
  play: async () => {
    await expect(paste(document.body, [fileOf('image.png', 16, 'image/png')])).toBe(false)
    await expect(onCommand).toHaveBeenCalledTimes(1)
  },
})
