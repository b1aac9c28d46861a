import { cleanup, render, screen, waitFor } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import type { Uploader } from '../../src/core/index.ts'
import { Dropzone } from '../../src/index.ts'
import { stillUploader } from '../../src/testing/still-uploader.ts'
import { fileOf } from '../support/engine.ts'
import { drag, paste } from '../support/events.ts'

afterEach(cleanup)

const add = vi.fn<(names: readonly string[]) => void>()
let uploader: Uploader

beforeEach(() => {
  add.mockReset()
  uploader = stillUploader({
    items: [],
    onCommand: (command, what) => {
      if (command === 'add' && Array.isArray(what)) add(what.map((file: File) => file.name))
    },
  })
})

const zone = (): HTMLElement => screen.getByRole('group')
const input = (container: HTMLElement): HTMLInputElement => {
  const found = container.querySelector('input')
  if (!found) throw new Error('The dropzone has no input.')
  return found
}

describe('Dropzone', () => {
  test('every dropped file goes to the uploader, whatever the hints say', async () => {
    render(<Dropzone uploader={uploader} rules={{ accept: { 'image/*': [] }, maxSize: 1, maxFiles: 1 }} />)
    drag(zone(), 'drop', [fileOf('a.png', 9, 'image/png'), fileOf('b.exe', 9, 'application/x-msdownload')])
    await waitFor(() => expect(add).toHaveBeenCalledWith(['a.png', 'b.exe']))
    expect(add).toHaveBeenCalledTimes(1)
  })

  test('two drops in a row both arrive', async () => {
    render(<Dropzone uploader={uploader} />)
    drag(zone(), 'drop', [fileOf('first.png')])
    drag(zone(), 'drop', [fileOf('second.png')])
    await waitFor(() => expect(add.mock.calls).toEqual([[['first.png']], [['second.png']]]))
  })

  test('dropped text is not a file', async () => {
    render(<Dropzone uploader={uploader} />)
    drag(zone(), 'drop', 'some text')
    drag(zone(), 'drop', [fileOf('a.png')])
    await waitFor(() => expect(add.mock.calls).toEqual([[['a.png']]]))
  })

  test('chosen files arrive, and the same file can be chosen twice', async () => {
    const { container } = render(<Dropzone uploader={uploader} />)
    await userEvent.upload(input(container), [fileOf('a.png'), fileOf('b.png')])
    await userEvent.upload(input(container), fileOf('a.png'))
    expect(add.mock.calls).toEqual([[['a.png', 'b.png']], [['a.png']]])
    expect(input(container).value).toBe('')
  })

  test('the button, by mouse and by keyboard, opens the chooser', async () => {
    const { container } = render(<Dropzone uploader={uploader} />)
    const opened = vi.fn<(event: Event) => void>((event) => event.preventDefault())
    input(container).addEventListener('click', opened)
    await userEvent.click(screen.getByRole('button', { name: 'Choose files' }))
    await userEvent.keyboard('{Enter}')
    expect(opened).toHaveBeenCalledTimes(2)
  })

  test('the button is the only stop of the Tab key', async () => {
    render(<Dropzone uploader={uploader} />)
    await userEvent.tab()
    expect(screen.getByRole('button', { name: 'Choose files' })).toHaveFocus()
    await userEvent.tab()
    expect(document.body).toHaveFocus()
  })

  test('rules are hints: to the chooser, and in words that belong to the button', () => {
    const { container } = render(
      <Dropzone uploader={uploader} rules={{ accept: { 'image/*': [], '.pdf': [] }, maxSize: 25_000_000 }} />,
    )
    expect(input(container)).toHaveAttribute('accept', 'image/*,.pdf')
    expect(input(container)).toHaveAttribute('multiple')
    expect(screen.getByRole('button')).toHaveAccessibleDescription('Accepts images or PDF · Up to 25 MB each')
  })

  test('they are the uploader’s own where none are given', () => {
    render(<Dropzone uploader={stillUploader({ items: [], rules: { maxFiles: 3 } })} />)
    expect(screen.getByText('No more than 3 files')).toBeVisible()
  })

  test('for one file it speaks of one file', () => {
    const { container } = render(<Dropzone uploader={uploader} rules={{ maxFiles: 1 }} />)
    expect(screen.getByRole('button', { name: 'Choose a file' })).toBeVisible()
    expect(screen.getByRole('group', { name: 'Drop a file here' })).toBeVisible()
    expect(input(container)).not.toHaveAttribute('multiple')
  })

  test('says in words what a drop would do', async () => {
    render(<Dropzone uploader={uploader} rules={{ accept: { 'image/*': [] } }} />)
    const png = [fileOf('a.png', 1, 'image/png')]
    drag(zone(), 'dragenter', png)
    expect(await screen.findByText('Drop to add')).toBeVisible()
    expect(zone()).toHaveAttribute('data-drag', 'accept')
    drag(zone(), 'dragleave', png)
    expect(await screen.findByText('Drop files here')).toBeVisible()
    drag(zone(), 'dragenter', [...png, fileOf('b.exe', 1, 'application/x-msdownload')])
    expect(await screen.findByText('Some of these files can’t be added')).toBeVisible()
    expect(zone()).toHaveAttribute('data-drag', 'reject')
  })

  test('disabled: takes nothing, keeps the focus, and says so', async () => {
    const { container, rerender } = render(<Dropzone uploader={uploader} />)
    const button = screen.getByRole('button')
    button.focus()
    rerender(<Dropzone uploader={uploader} disabled />)
    expect(button).toHaveFocus()
    expect(button).toHaveAttribute('aria-disabled', 'true')
    const opened = vi.fn<() => void>()
    input(container).addEventListener('click', opened)
    await userEvent.click(button)
    expect(opened).not.toHaveBeenCalled()
    // The browser must not leave the page for a file that missed.
    expect(drag(zone(), 'drop', [fileOf('a.png')])).toBe(false)
    rerender(<Dropzone uploader={uploader} />)
    drag(zone(), 'drop', [fileOf('b.png')])
    await waitFor(() => expect(add.mock.calls).toEqual([[['b.png']]]))
  })

  test('leaves pastes to PasteTarget', () => {
    render(<Dropzone uploader={uploader} />)
    expect(paste(zone(), [fileOf('a.png')])).toBe(true)
    expect(add).not.toHaveBeenCalled()
  })

  test('takes refs, class names and attributes, and content of one’s own', () => {
    const ref = vi.fn<(element: HTMLDivElement | null) => void>()
    render(
      <Dropzone ref={ref} uploader={uploader} className="mine" data-testid="zone">
        <p>Scans, please.</p>
      </Dropzone>,
    )
    expect(ref).toHaveBeenCalledWith(screen.getByTestId('zone'))
    expect(screen.getByTestId('zone')).toHaveClass('s3u-dropzone', 'mine')
    expect(screen.getByText('Scans, please.')).toBeVisible()
    expect(screen.getByRole('button', { name: 'Choose files' })).toBeVisible()
  })
})
