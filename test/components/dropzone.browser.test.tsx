import { act, cleanup, render, screen, waitFor } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { version } from 'react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import type { Uploader } from '../../src/core/index.ts'
import { Dropzone } from '../../src/index.ts'
import { stillUploader } from '../../src/testing/still-uploader.ts'
import { bench, fileOf } from '../support/engine.ts'
import { drag, dragEvent, hidden, paste } from '../support/events.ts'

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

  test.each([
    ['no rule', {}, ['application/pdf', ''], 'accept'],
    ['a family', { accept: { 'image/*': ['.png'] } }, ['image/gif'], 'accept'],
    [
      'another name of the type',
      { accept: { 'application/zip': [] } },
      ['application/x-zip-compressed'],
      'accept',
    ],
    ['a type that the browser does not know', { accept: { 'image/*': [] } }, [''], 'accept'],
    ['an extension, which cannot be seen', { accept: { '.pdf': [] } }, ['text/plain'], 'accept'],
    ['another type', { accept: { 'image/png': [] } }, ['image/png', 'image/gif'], 'reject'],
    ['two where one is wanted', { maxFiles: 1 }, ['image/png', 'image/png'], 'reject'],
    ['nothing that can be seen', { accept: { 'image/*': [] } }, [], 'unknown'],
  ] as const)('judges by what can be seen: %s', async (_name, rules, types, verdict) => {
    render(<Dropzone uploader={uploader} rules={rules} />)
    const held = types.map((type, index) => fileOf(`file${index}`, 1, type))
    drag(zone(), 'dragenter', held.length ? held : hidden)
    await waitFor(() => expect(zone()).toHaveAttribute('data-drag', verdict))
  })

  test('follows the drag from the page into its parts and out again', async () => {
    render(
      <>
        <p>elsewhere</p>
        <Dropzone uploader={uploader} />
      </>,
    )
    const png = [fileOf('a.png', 1, 'image/png')]
    const [outside, button] = [screen.getByText('elsewhere'), screen.getByRole('button')]
    const go = (from: Element | undefined, to: Element | undefined): void => {
      if (to) drag(to, 'dragenter', png)
      if (from) drag(from, 'dragleave', png)
    }
    const isShown = (state: string | null): Promise<void> =>
      waitFor(() => expect(zone().getAttribute('data-drag')).toBe(state))
    go(undefined, outside)
    await isShown('page')
    go(outside, zone())
    await isShown('accept')
    go(zone(), button)
    await isShown('accept')
    go(button, zone())
    await isShown('accept')
    go(zone(), outside)
    await isShown('page')
    go(outside, undefined)
    await isShown(null)
    go(undefined, button)
    await isShown('accept')
    drag(button, 'drop', png)
    await isShown(null)
    await waitFor(() => expect(add.mock.calls).toEqual([[['a.png']]]))
  })

  test('is followed inside a shadow root as outside', async () => {
    const host = document.body.appendChild(document.createElement('div'))
    const root = host.attachShadow({ mode: 'open' })
    render(<Dropzone uploader={uploader} />, { container: root.appendChild(document.createElement('div')) })
    const [group, button] = ['[role=group]', 'button'].map((what) => root.querySelector(what))
    if (!group || !button) throw new Error('There is no dropzone.')
    const go = (type: 'dragenter' | 'dragleave' | 'drop', to: Element): void => {
      const { dataTransfer } = dragEvent(type, [fileOf('a.png', 1, 'image/png')])
      to.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true, composed: true }))
    }
    go('dragenter', group)
    go('dragenter', button)
    await waitFor(() => expect(group).toHaveAttribute('data-drag', 'accept'))
    act(() => go('dragleave', group))
    expect(group).toHaveAttribute('data-drag', 'accept')
    go('dragleave', button)
    await waitFor(() => expect(group).not.toHaveAttribute('data-drag'))
    go('drop', button)
    await waitFor(() => expect(add.mock.calls).toEqual([[['a.png']]]))
    host.remove()
  })

  test('a verdict that comes when the drag has gone on is not shown', async () => {
    render(
      <>
        <Dropzone uploader={uploader} rules={{ accept: { 'image/*': [] } }} data-testid="one" />
        <Dropzone uploader={uploader} rules={{ accept: { 'image/*': [] } }} data-testid="other" />
      </>,
    )
    const [one, other] = [screen.getByTestId('one'), screen.getByTestId('other')]
    const png = [fileOf('a.png', 1, 'image/png')]
    drag(one, 'dragenter', png)
    drag(other, 'dragenter', png)
    drag(one, 'dragleave', png)
    // Verdicts come in order: with this one, that one has come too.
    await waitFor(() => expect(other).toHaveAttribute('data-drag', 'accept'))
    expect(one).toHaveAttribute('data-drag', 'page')
  })

  test('text that is dragged is none of its business', () => {
    render(<Dropzone uploader={uploader} />)
    for (const type of ['dragenter', 'dragover', 'drop'] as const) {
      expect(drag(zone(), type, 'some text')).toBe(true)
      expect(drag(document.body, type, 'some text')).toBe(true)
    }
    expect(zone()).not.toHaveAttribute('data-drag')
  })

  test('a drop that misses does not make the browser leave the page; other takers keep theirs', () => {
    render(
      <>
        <p>elsewhere</p>
        <input type="file" aria-label="another" />
        <Dropzone uploader={uploader} />
      </>,
    )
    const png = [fileOf('a.png', 1, 'image/png')]
    for (const type of ['dragover', 'drop'] as const) {
      expect(drag(screen.getByText('elsewhere'), type, png)).toBe(false)
      expect(drag(screen.getByLabelText('another'), type, png)).toBe(true)
    }
    const over = (type: 'none' | 'copy' | 'link', target: Element): void => {
      const event = dragEvent('dragover', png)
      // A made DataTransfer ignores what is written to it.
      Object.defineProperty(event.dataTransfer, 'dropEffect', { value: 'move', writable: true })
      target.dispatchEvent(event)
      expect(event.dataTransfer?.dropEffect).toBe(type)
    }
    over('none', screen.getByText('elsewhere'))
    over('copy', zone())
    screen.getByText('elsewhere').addEventListener('dragover', (event) => {
      event.preventDefault()
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'link'
    })
    over('link', screen.getByText('elsewhere'))
    expect(add).not.toHaveBeenCalled()
    cleanup()
    expect(drag(document.body, 'drop', png)).toBe(true)
  })

  test('a page that stops the events on their way does not leave it in a drag', async () => {
    render(
      <div
        ref={(around) => {
          for (const type of ['dragenter', 'dragover', 'dragleave', 'drop'])
            around?.addEventListener(type, (event) => event.stopPropagation())
        }}
      >
        <Dropzone uploader={uploader} />
      </div>,
    )
    const png = [fileOf('a.png', 1, 'image/png')]
    drag(zone(), 'dragenter', png)
    await waitFor(() => expect(zone()).toHaveAttribute('data-drag', 'accept'))
    expect(drag(zone(), 'dragover', png)).toBe(false)
    expect(drag(zone(), 'drop', png)).toBe(false)
    await waitFor(() => expect(zone()).not.toHaveAttribute('data-drag'))
    await waitFor(() => expect(add.mock.calls).toEqual([[['a.png']]]))
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
    drag(zone(), 'dragenter', [fileOf('a.png')])
    expect(drag(zone(), 'drop', [fileOf('a.png')])).toBe(false)
    expect(zone()).not.toHaveAttribute('data-drag')
    rerender(<Dropzone uploader={uploader} />)
    drag(zone(), 'drop', [fileOf('b.png')])
    await waitFor(() => expect(add.mock.calls).toEqual([[['b.png']]]))
  })

  test('a drag that is under way follows what it is switched to', async () => {
    const { rerender } = render(<Dropzone uploader={uploader} />)
    const png = [fileOf('a.png', 1, 'image/png')]
    drag(zone(), 'dragenter', png)
    await waitFor(() => expect(zone()).toHaveAttribute('data-drag', 'accept'))
    rerender(<Dropzone uploader={uploader} disabled />)
    expect(zone()).not.toHaveAttribute('data-drag')
    rerender(<Dropzone uploader={uploader} />)
    expect(zone()).toHaveAttribute('data-drag', 'accept')
  })

  describe('the File System Access picker', () => {
    afterEach(() => vi.unstubAllGlobals())
    const choose = async (answer: () => Promise<unknown>): Promise<{ opened: number }> => {
      vi.stubGlobal('showOpenFilePicker', answer)
      vi.stubGlobal('reportError', vi.fn<() => void>())
      const { container } = render(<Dropzone uploader={uploader} useFsAccessApi />)
      const seen = { opened: 0 }
      input(container).addEventListener('click', (event) => {
        event.preventDefault()
        seen.opened += 1
      })
      await userEvent.click(screen.getByRole('button', { name: 'Choose files' }))
      return seen
    }
    const handle = (name: string, open: () => Promise<File>): object => ({
      kind: 'file',
      name,
      getFile: open,
    })

    test('what cannot be read has a row, as what can', async () => {
      const { uploader: real } = bench({ autoStart: false })
      uploader = real
      await choose(async () => [
        handle('a.png', async () => fileOf('a.png')),
        handle('gone.png', () => Promise.reject(new DOMException('Gone.', 'NotFoundError'))),
      ])
      await waitFor(() => expect(real.getItems()).toHaveLength(2))
      expect(real.getItems().map(({ name, status }) => `${name} ${status}`)).toEqual([
        'a.png queued',
        'gone.png error',
      ])
    })

    test('where a page may not open it, the plain chooser opens', async () => {
      const seen = await choose(() => Promise.reject(new DOMException('Cross origin.', 'SecurityError')))
      await waitFor(() => expect(seen.opened).toBe(1))
    })

    test('the plain chooser opens at once on a page without a secure context', async () => {
      vi.stubGlobal('isSecureContext', false)
      const picker = vi.fn<() => Promise<unknown>>(async () => [])
      const seen = await choose(picker)
      expect(seen.opened).toBe(1)
      expect(picker).not.toHaveBeenCalled()
    })

    test('where it is closed, nothing more opens', async () => {
      const seen = await choose(() => Promise.reject(new DOMException('Closed.', 'AbortError')))
      await new Promise((resolve) => setTimeout(resolve)) // its answer is heard in this task
      expect(seen.opened).toBe(0)
    })
  })

  test('leaves pastes to PasteTarget', () => {
    render(<Dropzone uploader={uploader} />)
    expect(paste(zone(), [fileOf('a.png')])).toBe(true)
    expect(add).not.toHaveBeenCalled()
  })

  test.skipIf(version.startsWith('18'))('a ref that cleans up after itself is let to', () => {
    const end = vi.fn<() => void>()
    const ref = vi.fn<(element: HTMLDivElement | null) => () => void>(() => end)
    const { unmount } = render(<Dropzone ref={ref} uploader={uploader} />)
    expect(ref).toHaveBeenCalledExactlyOnceWith(zone())
    unmount()
    expect(ref).toHaveBeenCalledTimes(1)
    expect(end).toHaveBeenCalledTimes(1)
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
