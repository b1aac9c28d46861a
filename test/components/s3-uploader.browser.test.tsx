import { act, cleanup, render, screen, waitFor, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { StrictMode } from 'react'
import type { Root } from 'react-dom/client'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { S3Uploader, UploadSummary } from '../../src/index.ts'
import { scriptedBackend, scriptedTransport } from '../../src/testing/index.ts'
import { stillUploader } from '../../src/testing/still-uploader.ts'
import { errorOf, itemInStatus, itemOf, storedWaiting } from '../fixtures/items.ts'
import { fileOf } from '../support/engine.ts'
import { drag, paste } from '../support/events.ts'

afterEach(cleanup)

beforeEach(() => {
  // React's warnings are failures here.
  vi.spyOn(console, 'error').mockImplementation((...what) => expect.unreachable(what.join(' ')))
})

const zone = (): HTMLElement => screen.getByRole('group', { name: 'Drop files here' })
const button = (name: string | RegExp): HTMLElement => screen.getByRole('button', { name })

describe('S3Uploader', () => {
  test('a dropped file goes all the way, under StrictMode', async () => {
    const transport = scriptedTransport()
    const onSuccess = vi.fn<(item: { name: string }) => void>()
    render(
      <StrictMode>
        <S3Uploader backend={scriptedBackend()} transport={transport} onSuccess={onSuccess} />
      </StrictMode>,
    )
    drag(zone(), 'drop', [fileOf('photo.png', 200)])
    const sent = await transport.next()
    act(() => sent.progress(100))
    expect(await screen.findByText('Uploading, 50%')).toBeVisible()
    expect(screen.getByRole<HTMLProgressElement>('progressbar', { name: 'Overall progress' }).value).toBe(50)
    sent.respond()
    expect(await screen.findByText('1 file uploaded')).toBeVisible()
    expect(screen.queryByRole('progressbar')).toBeNull()
    expect(onSuccess).toHaveBeenCalledTimes(1)
    expect(transport.requests).toHaveLength(1)
  })

  test('one fails, the others go on; a retry sends it again', async () => {
    const transport = scriptedTransport()
    render(<S3Uploader backend={scriptedBackend()} transport={transport} retry={false} />)
    drag(zone(), 'drop', [fileOf('a.png'), fileOf('b.png')])
    ;(await transport.next()).fail()
    ;(await transport.next()).respond()
    expect(await screen.findByText('1 of 2 files uploaded, 1 failed')).toBeVisible()
    await userEvent.click(button('Retry a.png'))
    ;(await transport.next()).respond()
    expect(await screen.findByText('2 files uploaded')).toBeVisible()
  })

  test('a pasted screenshot is taken, also without a click before it', async () => {
    render(<S3Uploader backend={scriptedBackend()} transport={scriptedTransport()} paste="document" />)
    expect(paste(document.body, [fileOf('image.png', 4, 'image/png')])).toBe(false)
    expect(await screen.findByText(/^pasted .+\.png$/)).toBeVisible()
  })

  test('all at once: cancel all, retry failed, clear finished', async () => {
    const transport = scriptedTransport()
    render(<S3Uploader backend={scriptedBackend()} transport={transport} retry={false} />)
    drag(zone(), 'drop', [fileOf('a.png'), fileOf('b.png'), fileOf('c.png')])
    ;(await transport.next()).fail()
    ;(await transport.next()).fail()
    await userEvent.click(await screen.findByRole('button', { name: 'Retry 2 failed' }))
    await waitFor(() => expect(transport.open()).toHaveLength(3))
    await userEvent.click(button('Cancel all'))
    expect(await screen.findAllByText('Canceled')).toHaveLength(3)
    expect(transport.open()).toHaveLength(0)
    await userEvent.click(button('Clear finished'))
    await waitFor(() => expect(screen.queryAllByRole('listitem')).toHaveLength(0))
  })

  test('cancel all is there for what can be canceled, not for what only the app has to hear of', () => {
    const waiting = itemOf({ status: 'waiting', reason: 'backoff' }, { id: 'w' })
    const { rerender } = render(
      <UploadSummary uploader={stillUploader({ items: [storedWaiting, itemInStatus.processing] })} />,
    )
    expect(screen.queryByRole('button', { name: 'Cancel all' })).toBeNull()
    rerender(<UploadSummary uploader={stillUploader({ items: [{ ...storedWaiting, id: 's' }, waiting] })} />)
    expect(button('Cancel all')).toBeVisible()
  })

  test('retry is offered for as many as it can help: not for a file that is gone with its page', () => {
    const gone = itemOf(
      { status: 'error', step: 'transfer', error: errorOf('file-gone') },
      { id: 'gone', file: undefined },
    )
    const { rerender } = render(<UploadSummary uploader={stillUploader({ items: [gone] })} />)
    expect(screen.queryByRole('button', { name: /Retry/ })).toBeNull()
    const failed = ['a', 'b'].map((id) => ({ ...itemInStatus.error, id }))
    rerender(<UploadSummary uploader={stillUploader({ items: [gone, ...failed] })} />)
    expect(button('Retry 2 failed')).toBeVisible()
  })

  test('cancel all keeps the reasons of what failed', async () => {
    const transport = scriptedTransport()
    render(<S3Uploader backend={scriptedBackend()} transport={transport} retry={false} />)
    drag(zone(), 'drop', [fileOf('a.png'), fileOf('b.png')])
    ;(await transport.next()).fail()
    await screen.findByText('Failed')
    await userEvent.click(button('Cancel all'))
    expect(await screen.findByText('Canceled')).toBeVisible()
    expect(screen.getByText('Failed')).toBeVisible()
  })

  test('with autoStart off, nothing is sent before the button', async () => {
    const transport = scriptedTransport()
    render(<S3Uploader backend={scriptedBackend()} transport={transport} autoStart={false} concurrency={1} />)
    drag(zone(), 'drop', [fileOf('a.png'), fileOf('b.png')])
    await userEvent.click(await screen.findByRole('button', { name: 'Upload 2 files' }))
    const sent = await transport.next()
    // The second one waits for its turn; it has been started all the same.
    expect(screen.queryByRole('button', { name: /^Upload / })).toBeNull()
    drag(zone(), 'drop', [fileOf('c.png')])
    expect(await screen.findByRole('button', { name: 'Upload 1 file' })).toBeVisible()
    sent.respond()
    ;(await transport.next()).respond()
    expect(await screen.findByText('2 of 3 files uploaded')).toBeVisible()
  })

  test('rules are shown as they are now, and refuse with a reason', async () => {
    const backend = scriptedBackend()
    const { rerender } = render(<S3Uploader backend={backend} maxSize={10} />)
    rerender(<S3Uploader backend={backend} maxSize={20} />)
    expect(screen.getByText('Up to 20 bytes each')).toBeVisible()
    drag(zone(), 'drop', [fileOf('a.png', 21)])
    expect(
      await screen.findByText(
        'The file is too large: 21 bytes; the limit is 20 bytes. Choose a smaller one.',
      ),
    ).toBeVisible()
    expect(screen.getByText('1 file not added')).toBeVisible()
    expect(backend.calls).toHaveLength(0)
  })

  test('two on one page do not mix', async () => {
    render(
      <>
        <S3Uploader aria-label="Photos" backend={scriptedBackend()} transport={scriptedTransport()} />
        <S3Uploader aria-label="Documents" backend={scriptedBackend()} transport={scriptedTransport()} />
      </>,
    )
    const photos = screen.getByRole('group', { name: 'Photos' })
    const documents = screen.getByRole('group', { name: 'Documents' })
    drag(within(photos).getByRole('group', { name: 'Drop files here' }), 'drop', [fileOf('a.png')])
    paste(within(documents).getByRole('button', { name: 'Choose files' }), [fileOf('b.pdf')])
    expect(await within(photos).findByText('a.png')).toBeVisible()
    expect(await within(documents).findByText('b.pdf')).toBeVisible()
    expect(within(documents).queryByText('a.png')).toBeNull()
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('every text can be replaced', () => {
    render(
      <S3Uploader backend={scriptedBackend()} messages={{ dropHere: () => 'Scans here', files: 'Scans' }} />,
    )
    expect(screen.getByRole('group', { name: 'Scans here' })).toBeVisible()
    expect(screen.getByRole('list', { name: 'Scans' })).toBeInTheDocument()
  })

  test('what a server rendered is taken over without a warning', async () => {
    const app = (
      <StrictMode>
        <S3Uploader backend={scriptedBackend()} transport={scriptedTransport()} accept={{ 'image/*': [] }} />
      </StrictMode>
    )
    const container = document.createElement('div')
    document.body.append(container)
    container.innerHTML = renderToString(app)
    const before = container.querySelector('button')
    const onRecoverableError = vi.fn<(error: unknown) => void>()
    let root: Root | undefined
    act(() => {
      root = hydrateRoot(container, app, { onRecoverableError })
    })
    expect(container.querySelector('button')).toBe(before)
    drag(zone(), 'drop', [fileOf('a.png', 1, 'image/png')])
    expect(await screen.findByText('a.png')).toBeVisible()
    expect(onRecoverableError).not.toHaveBeenCalled()
    act(() => root?.unmount())
    container.remove()
  })
})
