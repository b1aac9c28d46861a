import { act, cleanup, render, screen, waitFor, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'

import type { UploadItem } from '../../src/core/index.ts'
import { uploadStatuses } from '../../src/core/index.ts'
import { en, S3Uploader, UploadList, UploadListItem } from '../../src/index.ts'
import { stillUploader } from '../../src/testing/still-uploader.ts'
import { itemInStatus, itemOf, sentBytes, stored, storedWaiting } from '../fixtures/items.ts'
import { bench, fileOf } from '../support/engine.ts'

afterEach(cleanup)

const list = (): HTMLElement => screen.getByRole('list', { name: 'Files' })
const rowOf = (name: string): HTMLElement => {
  const row = screen.getByText(name).closest('li')
  if (!row) throw new Error(`No row for ${name}.`)
  return row
}
const button = (name: string): HTMLElement => screen.getByRole('button', { name })

describe('a row', () => {
  test.each(uploadStatuses)('%s: says it in words', (status) => {
    const item = itemInStatus[status]
    render(<UploadList uploader={stillUploader({ items: [item], progress: sentBytes })} />)
    const row = screen.getByRole('listitem')
    expect(row).toHaveAttribute('data-status', status)
    expect(within(row).getByText(item.name)).toBeVisible()
    const word = status === 'uploading' ? 'Uploading, 43%' : en.status[status]
    expect(within(row).getByText(word)).toBeVisible()
    // Bars are for what is under way.
    const bars = within(row).queryAllByRole('progressbar')
    expect(bars).toHaveLength(
      ['preparing', 'uploading', 'waiting', 'paused', 'processing'].includes(status) ? 1 : 0,
    )
  })

  test('the bar has a name, a value, and says it in bytes', () => {
    render(<UploadList uploader={stillUploader({ items: [itemInStatus.uploading], progress: sentBytes })} />)
    const bar = screen.getByRole<HTMLProgressElement>('progressbar', { name: 'IMG_2041.jpg' })
    expect(bar.value).toBe(43)
    expect(bar).toHaveAttribute('aria-valuetext', '4.5 MB of 10.4 MB')
  })

  test('all bytes sent is not 100 %, and without a known value there is none', () => {
    const { size } = itemInStatus.uploading
    const { rerender } = render(
      <UploadList
        uploader={stillUploader({ items: [itemInStatus.uploading], progress: { uploading: size } })}
      />,
    )
    expect(screen.getByRole<HTMLProgressElement>('progressbar').value).toBe(99)
    rerender(<UploadList uploader={stillUploader({ items: [itemInStatus.processing] })} />)
    expect(screen.getByRole<HTMLProgressElement>('progressbar')).not.toHaveAttribute('value')
  })

  test('a refused or failed file says why, and what to do', () => {
    render(<UploadList uploader={stillUploader({ items: [itemInStatus.error, itemInStatus.rejected] })} />)
    expect(
      screen.getByText('The connection was lost. Check your internet connection, then try again.'),
    ).toBeVisible()
    expect(
      screen.getByText('The file is too large: 10.4 MB; the limit is 10 MB. Choose a smaller one.'),
    ).toBeVisible()
  })

  test('counts down until it goes on by itself', () => {
    const until = Date.now() + 30_000
    render(
      <UploadList
        uploader={stillUploader({ items: [itemOf({ status: 'waiting', reason: 'backoff', until })] })}
      />,
    )
    expect(screen.getByText(/Trying again in (30|29) sec\./)).toBeVisible()
  })

  test('stored, and waiting for the app: says so, and for how long; its bar is full', () => {
    const item = { ...storedWaiting, until: Date.now() + 30_000 }
    render(<UploadList uploader={stillUploader({ items: [item] })} />)
    expect(
      screen.getByText(
        /^The file has arrived, but the server did not finish with it\. Asking again in (30|29) sec\.$/,
      ),
    ).toBeVisible()
    const bar = screen.getByRole<HTMLProgressElement>('progressbar', { name: item.name })
    expect(bar.value).toBe(100)
    expect(bar).toHaveAttribute('aria-valuetext', '10.4 MB of 10.4 MB')
  })

  test('the same without a line: it is the line that it waits for', () => {
    const item: UploadItem = itemOf({ status: 'waiting', reason: 'offline', stored }, { size: 0 })
    render(<UploadList uploader={stillUploader({ items: [item] })} />)
    expect(screen.getByText('You are offline. Goes on when the connection is back.')).toBeVisible()
    expect(screen.getByRole<HTMLProgressElement>('progressbar').value).toBe(100)
  })

  test('it can be hastened, and no more be stopped than before', async () => {
    const onCommand = vi.fn<(command: string, what: unknown) => void>()
    const item = { ...storedWaiting, canResume: true }
    render(<UploadList uploader={stillUploader({ items: [item], onCommand })} />)
    await userEvent.click(button('Retry IMG_2041.jpg'))
    expect(button('Cancel IMG_2041.jpg')).toHaveAttribute('aria-disabled', 'true')
    await userEvent.click(button('Cancel IMG_2041.jpg'))
    expect(screen.queryByRole('button', { name: /^Pause/ })).toBeNull()
    expect(onCommand.mock.calls).toEqual([['retry', item.id]])
  })

  test('the buttons carry the commands, each with the file’s name', async () => {
    const onCommand = vi.fn<(command: string, what: unknown) => void>()
    const items: UploadItem[] = [
      itemOf({ status: 'uploading' }, { id: 'u', name: 'u.mov', canResume: true }),
      itemOf({ status: 'paused', reason: 'user' }, { id: 'p', name: 'p.mov', canResume: true }),
      itemOf({ status: 'paused', reason: 'user' }, { id: 's', name: 's.jpg' }),
      { ...itemInStatus.error, id: 'e', name: 'e.jpg' },
      itemOf({ status: 'success', stored, result: undefined }, { id: 'd', name: 'd.jpg' }),
    ]
    render(<UploadList uploader={stillUploader({ items, onCommand })} />)
    for (const name of ['Pause u.mov', 'Cancel u.mov', 'Resume p.mov', 'Retry e.jpg', 'Remove d.jpg'])
      await userEvent.click(button(name))
    await userEvent.click(button('Start over s.jpg, from the beginning'))
    expect(onCommand.mock.calls).toEqual([
      ['pause', 'u'],
      ['cancel', 'u'],
      ['resume', 'p'],
      ['retry', 'e'],
      ['remove', 'd'],
      ['resume', 's'],
    ])
  })

  test('while the server finishes, the cross stays where it is and does nothing', async () => {
    const onCommand = vi.fn<(command: string, what: unknown) => void>()
    render(<UploadList uploader={stillUploader({ items: [itemInStatus.processing], onCommand })} />)
    const cross = button('Cancel IMG_2041.jpg')
    expect(cross).toHaveAttribute('aria-disabled', 'true')
    await userEvent.click(cross)
    expect(onCommand).not.toHaveBeenCalled()
  })

  test('hostile names are text', () => {
    const name = '<img src=x onerror=alert(1)>.svg'
    render(<UploadList uploader={stillUploader({ items: [itemOf({ status: 'queued' }, { name })] })} />)
    expect(screen.getByText(name)).toBeVisible()
    expect(list().querySelector('img')).toBeNull()
  })

  test('a part outside of a row says what is wrong', () => {
    vi.spyOn(console, 'error').mockReturnValue() // React reports it as well
    expect(() => render(<UploadListItem.Name />)).toThrow('Put it into <UploadListItem.Root id={id}>')
  })
})

describe('the list', () => {
  test('progress of one file renders no other row', async () => {
    const { uploader, transport } = bench()
    const rendered = vi.fn<(name: string) => void>()
    const Spy = ({ name }: { name: string }): null => {
      rendered(name)
      return null
    }
    render(
      <UploadList uploader={uploader}>
        {(id) => (
          <UploadListItem.Root key={id} id={id}>
            <UploadListItem.Progress />
            <Spy name={id} />
          </UploadListItem.Root>
        )}
      </UploadList>,
    )
    act(() => void uploader.add([fileOf('a', 100), fileOf('b', 100)]))
    const sent = await transport.next()
    await screen.findAllByRole('progressbar')
    await waitFor(() => expect(uploader.getIds('uploading')).toHaveLength(2))
    rendered.mockClear()
    act(() => sent.progress(50))
    await waitFor(() =>
      expect(screen.getAllByRole<HTMLProgressElement>('progressbar').map(({ value }) => value)).toContain(50),
    )
    expect(rendered).not.toHaveBeenCalled()
  })

  test('shows one status where asked', () => {
    const items = Object.values(itemInStatus)
    render(<UploadList status="error" uploader={stillUploader({ items })} />)
    expect(screen.getAllByRole('listitem')).toHaveLength(1)
  })
})

describe('focus', () => {
  const live = (...names: string[]) => {
    const made = bench({ autoStart: false })
    made.uploader.add(names.map((name) => fileOf(name)))
    return made
  }

  test('a removed row gives it to the next one, the last one to the one before, in the end to the list', async () => {
    const { uploader } = live('a', 'b', 'c')
    uploader.cancel()
    render(<UploadList uploader={uploader} />)
    button('Remove b').focus()
    await userEvent.keyboard('{Enter}')
    await waitFor(() => expect(button('Remove c')).toHaveFocus())
    await userEvent.keyboard('{Enter}')
    await waitFor(() => expect(button('Remove a')).toHaveFocus())
    await userEvent.keyboard('{Enter}')
    await waitFor(() => expect(list()).toHaveFocus())
  })

  test('in a whole uploader, the last row gives it to the button that adds files', async () => {
    const { uploader } = live('a')
    uploader.cancel()
    render(<S3Uploader uploader={uploader} />)
    button('Remove a').focus()
    await userEvent.keyboard('{Enter}')
    await waitFor(() => expect(button('Choose files')).toHaveFocus())
  })

  test('the cross keeps it when a cancel becomes a remove', async () => {
    const { uploader } = live('a')
    render(<UploadList uploader={uploader} />)
    button('Cancel a').focus()
    await userEvent.keyboard('{Enter}')
    await waitFor(() => expect(button('Remove a')).toHaveFocus())
  })

  test('a retry gives it to its row, where a second Enter does nothing', async () => {
    const { uploader } = live('a')
    uploader.cancel()
    render(<UploadList uploader={uploader} />)
    button('Retry a').focus()
    await userEvent.keyboard('{Enter}')
    await waitFor(() => expect(rowOf('a')).toHaveFocus())
  })

  test('rows that go without having it leave it where it is', async () => {
    const { uploader } = live('a', 'b')
    uploader.cancel()
    render(
      <>
        <button type="button">Elsewhere</button>
        <UploadList uploader={uploader} />
      </>,
    )
    button('Remove a').focus()
    button('Elsewhere').focus()
    act(() => uploader.clear())
    await waitFor(() => expect(screen.queryAllByRole('listitem')).toHaveLength(0))
    expect(button('Elsewhere')).toHaveFocus()
  })

  test('what was left with a click beside it does not get it back when its row goes', async () => {
    const { uploader } = live('a', 'b')
    uploader.cancel()
    render(<UploadList uploader={uploader} />)
    const [first] = uploader.getIds()
    button('Remove a').focus()
    await act(async () => button('Remove a').blur())
    act(() => uploader.remove(first))
    await waitFor(() => expect(screen.queryAllByRole('listitem')).toHaveLength(1))
    expect(document.body).toHaveFocus()
  })

  test('clearing all from the summary gives it to the button that adds files', async () => {
    const { uploader } = live('a', 'b')
    uploader.cancel()
    render(<S3Uploader uploader={uploader} />)
    button('Clear finished').focus()
    await userEvent.keyboard('{Enter}')
    await waitFor(() => expect(button('Choose files')).toHaveFocus())
  })
})

describe('an unfinished upload of an earlier visit', () => {
  const lost = (reason: 'needs-file' | 'needs-permission'): UploadItem =>
    itemOf({ status: 'paused', reason }, { name: 'film.mov', canResume: true, file: undefined })

  test('takes its file from the chooser', async () => {
    const onCommand = vi.fn<(command: string, what: unknown) => void>()
    const opened = vi.spyOn(HTMLInputElement.prototype, 'click').mockImplementation(() => undefined)
    onTestFinished(() => void vi.restoreAllMocks())
    render(<UploadList uploader={stillUploader({ items: [lost('needs-file')], onCommand })} />)
    expect(screen.getByText('Choose the same file again to go on.')).toBeVisible()
    await userEvent.click(button('Choose file film.mov again, to go on'))
    const chosen = new DataTransfer()
    const file = new File(['film'], 'film.mov')
    chosen.items.add(file)
    const input = opened.mock.contexts[0]
    if (!(input instanceof HTMLInputElement)) throw new Error('The chooser was not opened.')
    input.files = chosen.files
    input.dispatchEvent(new Event('change'))
    expect(onCommand).toHaveBeenCalledWith('attach', expect.objectContaining({ name: 'film.mov', size: 4 }))
  })

  test('asks for permission in the click', async () => {
    const onCommand = vi.fn<(command: string, what: unknown) => void>()
    const item = lost('needs-permission')
    render(<UploadList uploader={stillUploader({ items: [item], onCommand })} />)
    await userEvent.click(button('Continue film.mov'))
    expect(onCommand).toHaveBeenCalledWith('resume', item.id)
  })
})
