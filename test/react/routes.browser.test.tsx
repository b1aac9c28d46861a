/** A route's limits and metadata, from the signer's own words on the wire. */
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, render, screen, waitFor } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import type { ReactNode } from 'react'
import { useEffect } from 'react'
import { afterEach, describe, expect, test, vi } from 'vitest'

import type { UploadBackend } from '../../src/core/index.ts'
import { S3Uploader } from '../../src/index.ts'
import type { RouterShape } from '../../src/protocol/router-shape.ts'
import { createUploadHooks, useS3Upload as useAnyUpload } from '../../src/react/index.ts'
import { scriptedBackend, scriptedTransport } from '../../src/testing/index.ts'
import { fileOf } from '../support/engine.ts'

afterEach(cleanup)

type Router = RouterShape<{
  avatar: { metadata: { album: string }; record: null; result: { thumbnail: string } }
}>

const limits = {
  accept: { 'image/*': [] },
  minSize: 0,
  maxSize: 1000,
  maxFiles: 2,
  multipart: true,
  multipartFrom: 100_000_000,
  checksums: [],
}
const published = JSON.stringify({ v: 1, routes: { default: limits, avatar: limits } })

describe('the limits that the signer publishes', () => {
  test('are asked for once, shown, and hold without a word of the app', async () => {
    const transport = scriptedTransport()
    render(<S3Uploader endpoint="/sign" transport={transport} />)
    const asked = await transport.next('/sign')
    expect(asked.request).toMatchObject({ method: 'GET', url: '/sign' })
    asked.respond({ status: 200, text: published })
    for (const limit of ['Accepts images', 'Up to 1 kB each', 'No more than 2 files'])
      expect(await screen.findByText(limit)).toBeVisible()
    const input = screen.getByLabelText('Choose files')
    await userEvent.setup({ applyAccept: false }).upload(input, fileOf('large.png', 1001, 'image/png'))
    await screen.findByText(/too large.*the limit is 1 kB/)
    expect(transport.requests).toHaveLength(1)
  })

  test('reach the chooser of an own UI when they come', async () => {
    const transport = scriptedTransport()
    function Own(): ReactNode {
      const { getInputProps } = useAnyUpload({ endpoint: '/sign', transport })
      return <input aria-label="Files" {...getInputProps()} />
    }
    render(<Own />)
    ;(await transport.next('/sign')).respond({ status: 200, text: published })
    await waitFor(() => expect(screen.getByLabelText('Files')).toHaveAttribute('accept', 'image/*'))
  })

  test('stand behind what the app says', async () => {
    const transport = scriptedTransport()
    render(<S3Uploader endpoint="/sign" transport={transport} maxSize={500} />)
    ;(await transport.next('/sign')).respond({ status: 200, text: published })
    expect(await screen.findByText('No more than 2 files')).toBeVisible()
    expect(screen.getByText('Up to 500 bytes each')).toBeVisible()
  })

  test('are each backend’s own, also where two have one name', async () => {
    const taking = (maxSize: number): UploadBackend => ({
      ...scriptedBackend(),
      name: 'one bucket',
      limits: async () => ({ maxSize }),
    })
    render(
      <QueryClientProvider client={new QueryClient()}>
        <S3Uploader backend={taking(1000)} transport={scriptedTransport()} />
        <S3Uploader backend={taking(2000)} transport={scriptedTransport()} />
      </QueryClientProvider>,
    )
    expect(await screen.findByText('Up to 1 kB each')).toBeVisible()
    expect(await screen.findByText('Up to 2 kB each')).toBeVisible()
  })

  test('not to know them harms nothing', async () => {
    const transport = scriptedTransport()
    render(<S3Uploader endpoint="/sign" transport={transport} />)
    ;(await transport.next('/sign')).respond({ status: 405 })
    await userEvent.upload(screen.getByLabelText('Choose files'), fileOf('a.png', 1, 'image/png'))
    const signing = await transport.next('/sign')
    expect(signing.request.method).toBe('POST')
  })
})

test('an app whose queries throw by default is not taken down by a signer that publishes none', async () => {
  const transport = scriptedTransport()
  const client = new QueryClient({ defaultOptions: { queries: { throwOnError: true, retry: false } } })
  render(
    <QueryClientProvider client={client}>
      <S3Uploader endpoint="/sign" transport={transport} />
    </QueryClientProvider>,
  )
  ;(await transport.next('/sign')).respond({ status: 405 })
  await waitFor(() => expect(client.getQueryCache().getAll()[0]?.state.status).toBe('error'))
  expect(screen.getByRole('button', { name: 'Choose files' })).toBeVisible()
})

describe('a bound hook', () => {
  const { useS3Upload } = createUploadHooks<Router>()
  function Avatars({ transport }: { transport: ReturnType<typeof scriptedTransport> }): ReactNode {
    const { items, add } = useS3Upload({ endpoint: '/sign', route: 'avatar', transport })
    return (
      <>
        <button
          type="button"
          onClick={() => add(fileOf('me.png', 5, 'image/png'), { metadata: { album: 'summer' } })}
        >
          Add
        </button>
        {items.map((item) => (
          <p key={item.id}>
            {item.name} {item.status === 'success' ? item.result.thumbnail : item.status}
          </p>
        ))}
      </>
    )
  }

  test('names its route, sends the metadata, and gives the result its type', async () => {
    const transport = scriptedTransport()
    render(<Avatars transport={transport} />)
    ;(await transport.next('/sign')).respond({ status: 200, text: published })
    await userEvent.click(screen.getByText('Add'))
    const signing = await transport.next('/sign')
    expect(signing.request.url).toContain('avatar')
    const text = signing.request.body?.kind === 'text' ? signing.request.body.text : ''
    expect(JSON.parse(text)).toMatchObject({ files: [{ name: 'me.png', metadata: { album: 'summer' } }] })
    await waitFor(() => expect(screen.getByText('me.png preparing')).toBeInTheDocument())
  })

  test('its commands stay the same: an effect that names them runs once', async () => {
    const transport = scriptedTransport()
    const onEffect = vi.fn<() => void>()
    function AddsItself(): ReactNode {
      const { items, add } = useS3Upload({ endpoint: '/sign', route: 'avatar', transport })
      useEffect(() => {
        onEffect()
        if (onEffect.mock.calls.length < 5)
          add(fileOf('me.png', 5, 'image/png'), { metadata: { album: 'summer' } })
      }, [add])
      return items.map(({ name, status }) => `${name} ${status}`).join()
    }
    const { container } = render(<AddsItself />)
    await waitFor(() => expect(container.textContent).toBe('me.png preparing'))
    expect(onEffect).toHaveBeenCalledTimes(1)
  })
})
