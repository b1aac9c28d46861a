import { describe, expect, test } from 'vitest'

import { UploadError, uploadErrorCodes } from '../../src/core/index.ts'
import { createFormat } from '../../src/i18n/format.ts'
import { en } from '../../src/i18n/locales/en.ts'
import { errorText, rejectionText } from '../../src/i18n/messages.ts'
import { errorOf, fileErrors } from '../fixtures/items.ts'

describe('sizes', () => {
  const { bytes, bytesApart, percent, duration } = createFormat('en')

  test.each([
    [0, '0 bytes'],
    [1, '1 byte'],
    [999, '999 bytes'],
    [1000, '1 kB'],
    [1550, '1.6 kB'],
    [999_949, '1 MB'],
    [10_485_760, '10.5 MB'],
    [184_000_000, '184 MB'],
    [5_000_000_000_000, '5 TB'],
    [2e18, '2,000 PB'],
  ])('%d is %s', (size, text) => {
    expect(bytes(size)).toBe(text)
  })

  test('two sizes that differ look different, however close', () => {
    expect(bytesApart(20_000_000, 10_000_000)).toEqual(['20 MB', '10 MB'])
    expect(bytesApart(10_490_000, 10_485_760)).toEqual(
      ['10.49 MB', '10.486 MB'].map((text) => expect.stringContaining(text.slice(0, 5))),
    )
    const [one, other] = bytesApart(10_485_761, 10_485_760)
    expect(one).not.toBe(other)
  })

  test('100 % means all of it', () => {
    expect(percent(0.999)).toBe('99%')
    expect(percent(1)).toBe('100%')
  })

  test.each([
    [0.2, '1 sec'],
    [59, '59 sec'],
    [60, '1 min'],
    [5400, '1.5 hr'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text)
  })

  test('numbers follow the language', () => {
    expect(createFormat('de').bytes(1_500_000)).toBe('1,5 MB')
    expect(createFormat('fr').number(1_234).replace(/\s/, ' ')).toBe('1 234')
  })
})

describe('reasons', () => {
  test.each(uploadErrorCodes)('%s: what happened and what to do, in sentences', (code) => {
    const text = errorText(en, { error: errorOf(code) })
    expect(text).toMatch(/^[A-Z].+\.$/)
    expect(text).not.toContain(code)
    expect(text).not.toMatch(/undefined|NaN|CORS|policy|bucket|signature/)
  })

  test.each(Object.values(fileErrors))('$code: a sentence', (error) => {
    expect(rejectionText(en, [error])).toMatch(/^[A-Z].+\.$/)
  })

  test('what the app says for the user comes first', () => {
    const error = new UploadError('refused', 'never', 'quota', { userMessage: 'Your plan is full.' })
    expect(errorText(en, { error, step: 'confirm' })).toBe('Your plan is full.')
  })

  test('after the bytes arrived, nobody is asked to check the line', () => {
    expect(errorText(en, { error: errorOf('network'), step: 'confirm' })).toMatch(/^The file has arrived/)
    expect(errorText(en, { error: errorOf('network'), step: 'transfer' })).toMatch(/^The connection/)
  })

  test('a code that nobody knows does not take the page down', () => {
    const error = Object.assign(errorOf('network'), { code: 'of-the-future' })
    expect(errorText(en, { error, step: 'transfer' })).toBe(en.errors.internal(error))
  })

  test('what the app’s server did not find is not said to have arrived', () => {
    const error = errorOf('confirm-failed')
    expect(errorText(en, { error, step: 'confirm' })).toContain('won’t be sent twice')
    expect(errorText(en, { error, step: 'transfer' })).toBe(en.errors['storage-refused'](error))
  })

  test('each reason to wait is a sentence, whether or not it is known for how long', () => {
    for (const text of Object.values(en.waiting)) {
      expect(text(12)).toMatch(/^[A-Z].+\.$/)
      expect(text(undefined)).toMatch(/^[A-Z].+[.…]$/)
    }
    expect(en.waiting.stored(12)).toContain('12 sec')
  })

  test('several broken rules are all named', () => {
    const text = rejectionText(en, [fileErrors['file-invalid-type'], fileErrors['file-too-large']])
    expect(text).toBe(
      'This type of file is not accepted. Choose images or PDF. ' +
        'The file is too large: 10.4 MB; the limit is 10 MB. Choose a smaller one.',
    )
  })
})

test('accepted types are named as people name them', () => {
  expect(en.limitTypes(['image/*', '.pdf', 'application/pdf', '.docx'])).toBe('Accepts images, PDF, or DOCX')
  expect(en.limitTypes(['application/vnd.ms-excel'])).toBe('Accepts application/vnd.ms-excel')
})
