import { expect, fn, userEvent, waitFor } from 'storybook/test'

import preview from '../.storybook/preview.tsx'
import { Dropzone } from '../src/index.ts'
import { stillUploader } from '../src/testing/still-uploader.ts'
import { fileOf } from '../test/support/engine.ts'
import { drag } from './events.ts'

const onCommand = fn<(command: string, what: unknown) => void>()

const meta = preview.meta({
  title: 'Dropzone',
  component: Dropzone,
  args: { uploader: stillUploader({ items: [], onCommand }), disabled: false, rules: {} },
  argTypes: {
    uploader: { description: 'Where files go. Default: the nearest provider’s.', control: false },
    rules: { description: 'The limits it shows and hints to the file chooser. They reject nothing here.' },
    disabled: { description: 'Takes no files for now; stays reachable by keyboard.', control: 'boolean' },
    messages: { description: 'Texts that differ.', control: 'object' },
    children: { description: 'Shown instead of picture, heading and limits.', control: false },
  },
  beforeEach: () => {
    onCommand.mockClear()
  },
})

const images = { accept: { 'image/*': [] } }

export const Idle = meta.story({})

export const WithLimits = meta.story({
  args: {
    rules: {
      accept: { 'image/*': [], 'application/pdf': ['.pdf'] },
      maxSize: 25_000_000,
      maxFiles: 10,
      maxTotalSize: 100_000_000,
    },
  },
})

export const OneFile = meta.story({ args: { rules: { maxFiles: 1 } } })

export const Dragging = meta.story({
  args: { rules: images },
  play: async ({ canvas }) => {
    drag(canvas.getByRole('group'), 'dragenter', [fileOf('photo.png', 16, 'image/png')])
    await expect(await canvas.findByText('Drop to add')).toBeVisible()
    // What knows the types is fetched meanwhile.
    await waitFor(() => expect(canvas.getByRole('group')).toHaveAttribute('data-drag', 'accept'))
  },
})

export const DraggingRefused = meta.story({
  args: { rules: images },
  play: async ({ canvas }) => {
    drag(canvas.getByRole('group'), 'dragenter', [fileOf('setup.exe', 16, 'application/x-msdownload')])
    await expect(await canvas.findByText('Some of these files can’t be added')).toBeVisible()
  },
})

export const DraggingOverThePage = meta.story({
  play: async ({ canvas }) => {
    drag(document.body, 'dragenter', [fileOf('photo.png', 16, 'image/png')])
    await waitFor(() => expect(canvas.getByRole('group')).toHaveAttribute('data-drag', 'page'))
  },
})

export const Disabled = meta.story({
  args: { disabled: true },
  play: async ({ canvas }) => {
    await userEvent.tab()
    await expect(canvas.getByRole('button', { name: 'Choose files' })).toHaveFocus()
    drag(canvas.getByRole('group'), 'drop', [fileOf('photo.png', 16, 'image/png')])
    await expect(onCommand).not.toHaveBeenCalled()
  },
})

export const OwnContent = meta.story({
  args: { children: <p>Photos of the damage, please. As many as you like.</p> },
})

/** Whatever is dropped goes to the uploader, refused types included: it has the words for why. */
export const Drops = meta.story({
  args: { rules: images },
  play: async ({ canvas }) => {
    const files = [fileOf('photo.png', 16, 'image/png'), fileOf('setup.exe', 16, 'application/x-msdownload')]
    drag(canvas.getByRole('group'), 'drop', files)
    await waitFor(() => expect(onCommand).toHaveBeenCalledTimes(1))
    await expect(onCommand).toHaveBeenCalledWith('add', [
      expect.objectContaining({ name: 'photo.png' }),
      expect.objectContaining({ name: 'setup.exe' }),
    ])
  },
})

/** Enter on the button opens the file chooser. */
export const KeyboardOnly = meta.story({
  play: async ({ canvas, canvasElement }) => {
    const input = canvasElement.querySelector('input')
    if (!input) throw new Error('no input')
    const opened = fn()
    input.addEventListener('click', (event) => {
      event.preventDefault() // no chooser of the system in a test
      opened()
    })
    await userEvent.tab()
    await expect(canvas.getByRole('button', { name: 'Choose files' })).toHaveFocus()
    await userEvent.keyboard('{Enter}')
    await expect(opened).toHaveBeenCalledTimes(1)
  },
})
