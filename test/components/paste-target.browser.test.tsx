import { cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import type { Uploader } from '../../src/core/index.ts'
import { PasteTarget } from '../../src/index.ts'
import { stillUploader } from '../../src/testing/still-uploader.ts'
import { fileOf } from '../support/engine.ts'
import { paste } from '../support/events.ts'

afterEach(cleanup)

const onCommand = vi.fn<(command: string, what: unknown) => void>()
let uploader: Uploader

beforeEach(() => {
  onCommand.mockReset()
  uploader = stillUploader({ items: [], onCommand })
})

const screenshot = [fileOf('image.png', 4, 'image/png')]

describe('PasteTarget', () => {
  test('takes files pasted inside it', () => {
    render(
      <PasteTarget uploader={uploader}>
        <button type="button">Inside</button>
      </PasteTarget>,
    )
    expect(paste(screen.getByRole('button'), screenshot)).toBe(false)
    expect(onCommand).toHaveBeenCalledWith('add', [
      expect.objectContaining({ name: expect.stringMatching(/^pasted /) }),
    ])
    expect(paste(document.body, screenshot)).toBe(true)
    expect(onCommand).toHaveBeenCalledTimes(1)
  })

  test('by itself it is a zone with a name that the Tab key reaches', () => {
    render(<PasteTarget uploader={uploader} />)
    const zone = screen.getByRole('group', { name: 'Click here, then paste files or a screenshot' })
    expect(zone).toHaveAttribute('tabindex', '0')
    expect(paste(zone, screenshot)).toBe(false)
  })

  test('leaves text alone', () => {
    render(<PasteTarget uploader={uploader} />)
    expect(paste(screen.getByRole('group'), 'hello')).toBe(true)
    expect(onCommand).not.toHaveBeenCalled()
  })

  test.each(['self', 'document'] as const)('never takes what goes into a text field (%s)', (scope) => {
    render(
      <PasteTarget uploader={uploader} scope={scope}>
        <input aria-label="Line" />
        <textarea aria-label="Lines" />
        <div contentEditable suppressContentEditableWarning>
          <b>bold</b>
        </div>
      </PasteTarget>,
    )
    for (const field of [
      screen.getByLabelText('Line'),
      screen.getByLabelText('Lines'),
      screen.getByText('bold'),
    ])
      expect(paste(field, screenshot)).toBe(true)
    expect(onCommand).not.toHaveBeenCalled()
  })

  test('takes pastes of the whole page where told so, until it is gone', () => {
    const { unmount } = render(<PasteTarget uploader={uploader} scope="document" />)
    expect(paste(document.body, screenshot)).toBe(false)
    expect(paste(screen.getByRole('group'), screenshot)).toBe(false)
    expect(onCommand).toHaveBeenCalledTimes(2)
    unmount()
    expect(paste(document.body, screenshot)).toBe(true)
  })

  test('of two inside one another, only the inner one takes it', () => {
    const outer = stillUploader({ items: [], onCommand: () => expect.unreachable('the outer one took it') })
    render(
      <PasteTarget uploader={outer}>
        <PasteTarget uploader={uploader}>
          <button type="button">Inside</button>
        </PasteTarget>
      </PasteTarget>,
    )
    paste(screen.getByRole('button'), screenshot)
    expect(onCommand).toHaveBeenCalledTimes(1)
  })

  test('disabled, it takes nothing and says so', () => {
    render(<PasteTarget uploader={uploader} disabled />)
    expect(paste(screen.getByText('Uploading is turned off right now'), screenshot)).toBe(true)
    expect(onCommand).not.toHaveBeenCalled()
  })
})
