import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

// Fetched at the first upload: with time standing still, it has to be there.
import { createRecovery } from '../../src/core/recovery/index.ts'
import { UploadAnnouncer } from '../../src/index.ts'
import { bench, fileOf } from '../support/engine.ts'

beforeEach(() => {
  void createRecovery // it only has to be there
  vi.useFakeTimers()
})
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

const spoken = (): string | null => screen.getByRole('status').textContent
const pass = (milliseconds: number): Promise<void> =>
  act(async () => {
    await vi.advanceTimersByTimeAsync(milliseconds)
  })

describe('UploadAnnouncer', () => {
  test('its live region is there before there is anything to say', () => {
    render(<UploadAnnouncer uploader={bench().uploader} />)
    expect(screen.getByRole('status')).toHaveAttribute('aria-live', 'polite')
    expect(screen.getByRole('status')).toHaveAttribute('aria-atomic', 'true')
    expect(spoken()).toBe('')
  })

  test('what comes together is said together, and one sentence is heard before the next', async () => {
    const { uploader, transport } = bench({ schedule: immediately })
    render(<UploadAnnouncer uploader={uploader} />)
    act(() => void uploader.add(fileOf('a.png', 100)))
    act(() => void uploader.add(fileOf('b.png', 100)))
    await pass(499)
    expect(spoken()).toBe('')
    await pass(1)
    expect(spoken()).toBe('2 files added.')

    const [first, second] = transport.open()
    first?.progress(60)
    await pass(3000)
    expect(spoken()).toBe('2 files added.')
    second?.progress(60)
    await pass(1000)
    expect(spoken()).toBe('60% uploaded.')
    first?.respond()
    second?.fail()
    await pass(4000)
    expect(spoken()).toMatch(
      /^b\.png failed\. The connection was lost\. .+ Done\. 1 file uploaded, 1 failed\.$/,
    )
  })

  test('the same words twice are read out twice', async () => {
    const { uploader } = bench({ schedule: immediately, autoStart: false })
    render(<UploadAnnouncer uploader={uploader} />)
    const heard: (string | null)[] = []
    for (const name of ['a.png', 'b.png', 'c.png']) {
      act(() => void uploader.add(fileOf(name)))
      await pass(5000)
      heard.push(spoken())
    }
    expect(heard.map((text) => text?.trim())).toEqual(Array(3).fill('1 file added.'))
    // A live region is read when its text changes.
    expect(heard[1]).not.toBe(heard[0])
    expect(heard[2]).not.toBe(heard[1])
  })

  test('a list that is there already is no news', async () => {
    const { uploader } = bench({ schedule: immediately, autoStart: false })
    uploader.add(fileOf('old.png'))
    render(<UploadAnnouncer uploader={uploader} />)
    act(() => void uploader.add(fileOf('new.png')))
    await pass(500)
    expect(spoken()).toBe('1 file added.')
  })
})

function immediately(flush: () => void): () => void {
  queueMicrotask(flush)
  return () => undefined
}
