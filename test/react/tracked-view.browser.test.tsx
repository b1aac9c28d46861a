import { act, cleanup, render, screen, waitFor } from '@testing-library/react'
import type { ReactNode } from 'react'
import { useLayoutEffect } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server'
import { afterEach, expect, test, vi } from 'vitest'

import { S3UploadProvider, useS3Upload } from '../../src/react/index.ts'
import { createTrackedView } from '../../src/react/tracked-view.ts'
import { bench, fileOf } from '../support/engine.ts'

afterEach(cleanup)

function Names(props: { children?: ReactNode }): ReactNode {
  const { items } = useS3Upload()
  return (
    <>
      <p>{items.map(({ name }) => name).join() || 'none'}</p>
      {props.children}
    </>
  )
}

test('what changes after a component was rendered and before it listens is not missed', async () => {
  const { uploader } = bench({ autoStart: false })
  function Adds(): ReactNode {
    useLayoutEffect(() => {
      uploader.add(fileOf('a.txt'))
      uploader.pause() // a command: it is to be seen at once
    }, [])
    return null
  }
  render(
    <S3UploadProvider uploader={uploader}>
      <Names>
        <Adds />
      </Names>
    </S3UploadProvider>,
  )
  await waitFor(() => expect(screen.getByText('a.txt')).toBeVisible())
})

test('who did not listen for a while sees what is, and is not told of what it does not read', () => {
  const { uploader } = bench({ autoStart: false })
  const { getSnapshot, subscribe } = createTrackedView(uploader, {})
  const first = getSnapshot()
  expect(first.ids).toEqual([])
  uploader.add(fileOf('a.txt'))
  uploader.pause()
  const second = getSnapshot()
  // Compared here: what `expect` prints of a view counts as read.
  expect(second === first).toBe(false)
  expect(second.ids).toHaveLength(1)
  expect(getSnapshot() === second).toBe(true)
  const end = subscribe(() => undefined)
  uploader.resume()
  expect(getSnapshot() === second).toBe(true) // the ids are the same, and nothing else was read
  end()
})

test('a page hydrates as the server drew it, whatever was added meanwhile', async () => {
  const { uploader } = bench({ autoStart: false })
  const page = (
    <S3UploadProvider uploader={uploader}>
      <Names />
    </S3UploadProvider>
  )
  const container = document.body.appendChild(document.createElement('div'))
  container.innerHTML = renderToString(page)
  expect(container.textContent).toBe('none')
  uploader.add(fileOf('a.txt'))
  uploader.pause()
  const onRecoverableError = vi.fn<(error: unknown) => void>()
  const root = await act(async () => hydrateRoot(container, page, { onRecoverableError }))
  expect(onRecoverableError).not.toHaveBeenCalled()
  expect(container.textContent).toBe('a.txt')
  act(() => root.unmount())
  container.remove()
})
