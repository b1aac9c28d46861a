import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, render, screen, waitFor, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import type { ReactNode } from 'react'
import { StrictMode, useEffect, useState, version } from 'react'
import { afterEach, describe, expect, test, vi } from 'vitest'

import { memoryResumeStore } from '../../src/core/resume/memory.ts'
import {
  S3UploadProvider,
  uploadMutationKey,
  useS3Upload,
  useUploadItem,
  useUploadProgress,
  useUploadTotals,
} from '../../src/react/index.ts'
import type { UseS3UploadOptions } from '../../src/react/index.ts'
import { scriptedBackend, scriptedTransport } from '../../src/testing/index.ts'
import { recordOf } from '../core/resume/records.ts'
import { fileOf } from '../support/engine.ts'
import { drag, paste } from '../support/events.ts'

afterEach(cleanup)

/** A user's own UI on the hook alone. */
function Own(props: UseS3UploadOptions & { onRender?: () => void }): ReactNode {
  const { items, add, cancel, getInputProps, getDropProps, getPasteProps } = useS3Upload(props)
  props.onRender?.()
  return (
    <div data-testid="zone" {...getDropProps()} {...getPasteProps()}>
      <input aria-label="Files" {...getInputProps()} />
      <button type="button" onClick={() => add(fileOf('made.txt'))}>
        Make one
      </button>
      <button type="button" onClick={() => cancel()}>
        Cancel
      </button>
      <ul>
        {items.map(({ id, name, status }) => (
          <li key={id}>
            {name}: {status}
          </li>
        ))}
      </ul>
    </div>
  )
}

const rows = (): string[] => screen.queryAllByRole('listitem').map(({ textContent }) => textContent ?? '')

test('these tests run on the React that they were started for', () => {
  expect(version.split('.')[0]).toBe(import.meta.env.REACT_MAJOR)
})

describe('useS3Upload', () => {
  test('picked files go all the way, under StrictMode, each once', async () => {
    const transport = scriptedTransport()
    const backend = scriptedBackend()
    render(
      <StrictMode>
        <Own backend={backend} transport={transport} />
      </StrictMode>,
    )
    await userEvent.upload(screen.getByLabelText('Files'), [fileOf('b10'), fileOf('b9')])
    ;(await transport.next()).respond()
    ;(await transport.next()).respond()
    await waitFor(() => expect(rows()).toEqual(['b9: success', 'b10: success']))
    expect(transport.requests).toHaveLength(2)
    expect(backend.calls).toHaveLength(1)
  })

  test('choosing the same file again is a change', async () => {
    render(<Own backend={scriptedBackend()} transport={scriptedTransport()} />)
    const input = screen.getByLabelText('Files')
    await userEvent.upload(input, fileOf('a'))
    await userEvent.upload(input, fileOf('a'))
    await waitFor(() => expect(rows()).toHaveLength(2))
  })

  test('accept reaches the chooser, the rules decide', async () => {
    render(
      <Own backend={scriptedBackend()} accept={{ 'image/*': ['.png', '.jpg'], 'application/pdf': [] }} />,
    )
    expect(screen.getByLabelText('Files')).toHaveAttribute('accept', '.png,.jpg,application/pdf')
    await userEvent
      .setup({ applyAccept: false })
      .upload(screen.getByLabelText('Files'), fileOf('a.txt', 1, 'text/plain'))
    await waitFor(() => expect(rows()).toEqual(['a.txt: rejected']))
  })

  test('a drop of files is taken, a drop of text is not', async () => {
    render(<Own backend={scriptedBackend()} transport={scriptedTransport()} />)
    const zone = screen.getByTestId('zone')
    expect(drag(zone, 'dragover', [fileOf('dropped.txt')])).toBe(false) // prevented: welcome
    drag(zone, 'drop', [fileOf('dropped.txt')])
    await waitFor(() => expect(rows()[0]).toContain('dropped.txt'))
    expect(drag(zone, 'dragover', 'hello')).toBe(true)
    expect(drag(zone, 'drop', 'hello')).toBe(true)
  })

  test('pasted screenshots are told apart by name; pasted text stays text', async () => {
    render(<Own backend={scriptedBackend()} transport={scriptedTransport()} />)
    const zone = screen.getByTestId('zone')
    expect(paste(zone, [fileOf('image.png', 1, 'image/png')])).toBe(false)
    await waitFor(() => expect(rows()[0]).toMatch(/^pasted \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d\.png/))
    expect(paste(zone, 'hello')).toBe(true)
    expect(rows()).toHaveLength(1)
  })

  test('progress does not render a component that reads no totals', async () => {
    const transport = scriptedTransport()
    const onRender = vi.fn<() => void>()
    const flushes: (() => void)[] = []
    const schedule = (flush: () => void): (() => void) => {
      flushes.push(flush)
      return () => undefined
    }
    render(<Own backend={scriptedBackend()} transport={transport} schedule={schedule} onRender={onRender} />)
    await userEvent.click(screen.getByText('Make one'))
    const sent = await transport.next()
    act(() => flushes.forEach((flush) => flush()))
    const before = onRender.mock.calls.length
    act(() => {
      sent.progress(2)
      flushes.at(-1)?.()
    })
    expect(onRender).toHaveBeenCalledTimes(before)
  })

  test('callbacks and rules are those of the latest render', async () => {
    const onRejected = vi.fn<() => void>()
    const backend = scriptedBackend()
    const { rerender } = render(<Own backend={backend} maxSize={100} />)
    rerender(<Own backend={backend} maxSize={1} onRejected={onRejected} />)
    await userEvent.click(screen.getByText('Make one'))
    expect(onRejected).toHaveBeenCalledTimes(1)
    rerender(<Own backend={backend} transport={scriptedTransport()} />)
    await userEvent.click(screen.getByText('Make one'))
    await waitFor(() => expect(rows().filter((row) => row.includes('rejected'))).toHaveLength(1))
  })

  test('a token that was renewed in props goes with the next call', async () => {
    const transport = scriptedTransport()
    const page = (token: string): ReactNode => (
      <Own endpoint="/sign" headers={{ Authorization: token }} transport={transport} retry={false} />
    )
    const { rerender } = render(page('old'))
    rerender(page('new'))
    await userEvent.click(screen.getByText('Make one'))
    await waitFor(() => expect(transport.requests.map(({ method }) => method)).toContain('POST'))
    const asked = transport.requests.find(({ method }) => method === 'POST')
    expect(new Map(asked?.headers).get('Authorization')).toBe('new')
  })

  test('looks once for what an earlier visit has left', async () => {
    const store = memoryResumeStore()
    const load = vi.spyOn(store, 'load')
    render(
      <StrictMode>
        <Own backend={scriptedBackend()} transport={scriptedTransport()} resume={store} />
      </StrictMode>,
    )
    await waitFor(() => expect(load).toHaveBeenCalled())
    expect(load).toHaveBeenCalledTimes(1)
  })

  test('without options and without a provider it says what to do', () => {
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    function Lost(): ReactNode {
      useS3Upload()
      return null
    }
    expect(() => render(<Lost />)).toThrow(/S3UploadProvider/)
    quiet.mockRestore()
  })
})

describe('unmounting', () => {
  function Shown(props: UseS3UploadOptions): ReactNode {
    const [shown, setShown] = useState(true)
    return (
      <>
        <button type="button" onClick={() => setShown(false)}>
          Leave
        </button>
        {shown && <Own {...props} />}
      </>
    )
  }

  test('leaves uploads running', async () => {
    const transport = scriptedTransport()
    const onSuccess = vi.fn<() => void>()
    render(<Shown backend={scriptedBackend()} transport={transport} onSuccess={onSuccess} />)
    await userEvent.click(screen.getByText('Make one'))
    const sent = await transport.next()
    await userEvent.click(screen.getByText('Leave'))
    expect(sent.aborted).toBe(false)
    sent.respond()
    await waitFor(() => expect(onSuccess).toHaveBeenCalledTimes(1))
  })

  test('and lets go of what waits for its file: who comes back to the page can go on with it', async () => {
    const backend = scriptedBackend({ multipart: {} })
    const left = recordOf('left', { backend: backend.name, createdAt: Date.now(), updatedAt: Date.now() })
    const resume = memoryResumeStore({ records: new Map([['left', left]]) })
    function Waiting(): ReactNode {
      const { items } = useS3Upload({ backend, transport: scriptedTransport(), resume })
      return items.map((item) => item.status === 'paused' && item.reason).join()
    }
    const route = (shown: string): ReactNode => <StrictMode>{shown && <Waiting key={shown} />}</StrictMode>
    const { container, rerender } = render(route('list'))
    await waitFor(() => expect(container.textContent).toBe('needs-file'))
    rerender(route('')) // elsewhere
    rerender(route('list again'))
    await waitFor(() => expect(container.textContent).toBe('needs-file'))
    rerender(route('another list')) // at once
    await waitFor(() => expect(container.textContent).toBe('needs-file'))
  })

  test('StrictMode’s first mount cancels nothing of the second', async () => {
    const transport = scriptedTransport()
    function Adds(): ReactNode {
      const { add, items } = useS3Upload({ backend: scriptedBackend(), transport, cancelOnUnmount: true })
      useEffect(() => void add(fileOf('a')), [add])
      return items.map(({ status }) => status).join()
    }
    const { container } = render(
      <StrictMode>
        <Adds />
      </StrictMode>,
    )
    await transport.next()
    await new Promise((resolve) => setTimeout(resolve)) // after the one that an unmounting sets
    await waitFor(() => expect(container.textContent).toBe('uploading,uploading'))
  })

  test('cancels with cancelOnUnmount, and StrictMode’s second mount is no unmount', async () => {
    const transport = scriptedTransport()
    render(
      <StrictMode>
        <Shown backend={scriptedBackend()} transport={transport} cancelOnUnmount />
      </StrictMode>,
    )
    await userEvent.click(screen.getByText('Make one'))
    const sent = await transport.next()
    expect(sent.aborted).toBe(false)
    await userEvent.click(screen.getByText('Leave'))
    await waitFor(() => expect(sent.aborted).toBe(true))
  })
})

describe('the provider', () => {
  function Adder(): ReactNode {
    const { add } = useS3Upload()
    return (
      <button type="button" onClick={() => add(fileOf('a.txt', 10))}>
        Add
      </button>
    )
  }
  function Row({ id }: { id: string }): ReactNode {
    const item = useUploadItem(id)
    const { loaded, total } = useUploadProgress(id)
    return (
      <li>
        {item?.name} {item?.status} {loaded}/{total}
      </li>
    )
  }
  function List(): ReactNode {
    const { ids } = useS3Upload()
    const { files } = useUploadTotals()
    return (
      <section aria-label={`${files} files`}>
        {ids.map((id) => (
          <Row key={id} id={id} />
        ))}
      </section>
    )
  }

  test('shares one uploader; two providers on a page keep apart', async () => {
    const [one, two] = [scriptedTransport(), scriptedTransport()]
    render(
      <>
        {Object.entries({ app0: one, app1: two }).map(([name, transport]) => (
          <div key={name} data-testid={name}>
            <S3UploadProvider options={{ backend: scriptedBackend(), transport }}>
              <Adder />
              <List />
            </S3UploadProvider>
          </div>
        ))}
      </>,
    )
    const app0 = within(screen.getByTestId('app0'))
    await userEvent.click(app0.getByText('Add'))
    const sent = await one.next()
    act(() => sent.progress(4))
    await app0.findByText('a.txt uploading 4/10')
    sent.respond()
    await app0.findByText('a.txt success 10/10')
    expect(app0.getByRole('region', { name: '1 files' })).toBeInTheDocument()
    expect(within(screen.getByTestId('app1')).getByRole('region', { name: '0 files' })).toBeInTheDocument()
    expect(two.requests).toEqual([])
  })
})

describe("TanStack Query's view", () => {
  test('one mutation per batch, with ids as variables and outcomes without files', async () => {
    const client = new QueryClient()
    const transport = scriptedTransport()
    render(
      <QueryClientProvider client={client}>
        <Own backend={scriptedBackend()} transport={transport} retry={false} />
      </QueryClientProvider>,
    )
    await userEvent.upload(screen.getByLabelText('Files'), [fileOf('a'), fileOf('b')])
    expect(client.isMutating({ mutationKey: uploadMutationKey })).toBe(1)
    ;(await transport.next()).respond()
    ;(await transport.next()).fail()
    await waitFor(() => expect(client.isMutating()).toBe(0))
    const [mutation] = client.getMutationCache().getAll()
    expect(mutation?.state).toMatchObject({
      status: 'success',
      variables: [expect.any(String), expect.any(String)],
      data: [
        { name: 'a', status: 'success' },
        { name: 'b', status: 'error', error: { code: 'network' } },
      ],
    })
    expect(JSON.stringify(mutation?.state.data)).not.toContain('"file"')
  })

  test('nothing that is refused at once, and one more for all that are retried', async () => {
    const client = new QueryClient()
    const transport = scriptedTransport()
    function All(): ReactNode {
      const { add, retryAll } = useS3Upload({
        backend: scriptedBackend(),
        transport,
        retry: false,
        maxSize: 9,
      })
      return (
        <>
          <button type="button" onClick={() => add([fileOf('a'), fileOf('b'), fileOf('large', 10)])}>
            Add
          </button>
          <button type="button" onClick={() => add(fileOf('large', 10))}>
            Add a large one
          </button>
          <button type="button" onClick={() => retryAll()}>
            Retry all
          </button>
        </>
      )
    }
    render(
      <QueryClientProvider client={client}>
        <All />
      </QueryClientProvider>,
    )
    const variables = (): unknown[] =>
      client
        .getMutationCache()
        .getAll()
        .map(({ state }) => (state.variables as readonly string[]).length)
    await userEvent.click(screen.getByText('Add a large one'))
    expect(variables()).toEqual([])
    await userEvent.click(screen.getByText('Add'))
    expect(variables()).toEqual([2])
    ;(await transport.next()).fail()
    ;(await transport.next()).fail()
    await waitFor(() => expect(client.isMutating()).toBe(0))
    await userEvent.click(screen.getByText('Retry all'))
    expect(variables()).toEqual([2, 2])
    expect(client.isMutating()).toBe(1)
  })

  test('it fails only if all failed; a manual retry is a new mutation; cancelling is no failure', async () => {
    const client = new QueryClient()
    const transport = scriptedTransport()
    function Retrying(): ReactNode {
      const { add, retry, cancel } = useS3Upload({ backend: scriptedBackend(), transport, retry: false })
      return (
        <>
          <button type="button" onClick={() => add(fileOf('a'))}>
            Add
          </button>
          <button type="button" onClick={() => retry()}>
            Retry
          </button>
          <button type="button" onClick={() => cancel()}>
            Cancel
          </button>
        </>
      )
    }
    render(
      <QueryClientProvider client={client}>
        <Retrying />
      </QueryClientProvider>,
    )
    const states = (): string[] =>
      client
        .getMutationCache()
        .getAll()
        .map(({ state }) => state.status)
    await userEvent.click(screen.getByText('Add'))
    ;(await transport.next()).fail()
    await waitFor(() => expect(states()).toEqual(['error']))
    await userEvent.click(screen.getByText('Retry'))
    await transport.next()
    expect(states()).toEqual(['error', 'pending'])
    await userEvent.click(screen.getByText('Cancel'))
    await waitFor(() => expect(states()).toEqual(['error', 'success']))
  })
})
