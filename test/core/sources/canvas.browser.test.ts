import { afterEach, describe, expect, test, vi } from 'vitest'

import { fileFromCanvas } from '../../../src/core/sources/canvas.ts'

const element = (width = 2, height = 2): HTMLCanvasElement => {
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  const context = canvas.getContext('2d')
  if (context) context.fillRect(0, 0, 1, 1)
  return canvas
}
const offscreen = (width = 2, height = 2): OffscreenCanvas => {
  const canvas = new OffscreenCanvas(width, height)
  canvas.getContext('2d')?.fillRect(0, 0, 1, 1)
  return canvas
}
const facts = ({ name, type }: File): { name: string; type: string } => ({ name, type })

afterEach(() => vi.restoreAllMocks())

describe.each([
  ['a canvas', element],
  ['an offscreen canvas', offscreen],
])('%s', (_, make) => {
  test('is a PNG, whole', async () => {
    const file = await fileFromCanvas(make())
    expect(facts(file)).toEqual({ name: 'canvas.png', type: 'image/png' })
    const bitmap = await createImageBitmap(file)
    expect([bitmap.width, bitmap.height]).toEqual([2, 2])
  })

  test('with a name, a type and a quality', async () => {
    const file = await fileFromCanvas({ canvas: make(), name: 'shot.jpeg', type: 'image/jpeg', quality: 0.5 })
    expect(facts(file)).toEqual({ name: 'shot.jpeg', type: 'image/jpeg' })
    const large = { canvas: make(300, 300), type: 'image/jpeg' }
    const [bad, good] = await Promise.all([
      fileFromCanvas({ ...large, quality: 0 }),
      fileFromCanvas({ ...large, quality: 1 }),
    ])
    expect(bad.size).toBeLessThan(good.size)
  })

  test('without an area is an error that says so', async () => {
    await expect(fileFromCanvas(make(0, 5))).rejects.toMatchObject({
      code: 'canvas-unreadable',
      retry: 'never',
      message: expect.stringContaining('0 × 5'),
    })
  })

  test('that shows another origin’s picture is an error that says what to do', async () => {
    const canvas = make()
    const image = new Image()
    // The same server under its other name is another origin.
    const other = new URL('/__vitest__/favicon.svg', location.href)
    other.hostname = other.hostname === 'localhost' ? '127.0.0.1' : 'localhost'
    image.src = other.href
    await image.decode()
    canvas.getContext('2d')?.drawImage(image, 0, 0)
    await expect(fileFromCanvas(canvas)).rejects.toMatchObject({
      code: 'canvas-unreadable',
      message: expect.stringContaining('crossOrigin'),
    })
  })
})

describe('the name follows what was really written', () => {
  test.each([
    ['shot.webp', 'image/webp', 'shot.webp', 'image/webp'],
    ['shot.png', 'image/webp', 'shot.webp', 'image/webp'],
    ['shot', 'image/jpeg', 'shot.jpg', 'image/jpeg'],
    ['v1.2 final', 'image/png', 'v1.2 final.png', 'image/png'],
    // What a browser cannot write becomes a PNG, as WebP does in Safari.
    ['shot.avif', 'image/avif', 'shot.png', 'image/png'],
    ['shot.heic', 'image/heic', 'shot.png', 'image/png'],
  ])('%s as %s: %s', async (name, type, realName, realType) => {
    expect(facts(await fileFromCanvas({ canvas: element(), name, type }))).toEqual({
      name: realName,
      type: realType,
    })
  })
})
