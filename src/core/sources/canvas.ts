/** Pictures that the page drew itself. */
import { UploadError } from '../errors.ts'
import { markGenerated } from './generated.ts'
import type { CanvasPicture } from './types.ts'

/**
 * The picture on a canvas as a file.
 * @throws UploadError `canvas-unreadable`: it shows something of another origin that did not allow it (load images with
 *   `crossOrigin`), has no area, or more than the browser can write
 */
export async function fileFromCanvas(
  source: HTMLCanvasElement | OffscreenCanvas | CanvasPicture,
): Promise<File> {
  const {
    canvas,
    name = 'canvas',
    type = 'image/png',
    quality,
  } = 'canvas' in source ? source : { canvas: source }
  const blob = await blobOf(canvas, type, quality)
  return markGenerated(new File([blob], nameFor(name, blob.type), { type: blob.type }))
}

async function blobOf(
  canvas: HTMLCanvasElement | OffscreenCanvas,
  type: string,
  quality: number | undefined,
): Promise<Blob> {
  try {
    if ('convertToBlob' in canvas)
      return await canvas.convertToBlob({ type, ...(quality !== undefined && { quality }) })
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type, quality))
    if (blob) return blob
  } catch (cause) {
    throw unreadable(canvas, cause)
  }
  throw unreadable(canvas)
}

function unreadable({ width, height }: { width: number; height: number }, cause?: unknown): UploadError {
  const isTainted = cause instanceof Error && cause.name === 'SecurityError'
  return new UploadError(
    'canvas-unreadable',
    'never',
    isTainted
      ? 'The canvas shows something of another origin: load images with crossOrigin="anonymous" from a server that ' +
          'allows it by CORS.'
      : `The browser makes no picture of a canvas of ${width} × ${height}: it has no area, or too much.`,
    cause === undefined ? {} : { cause },
  )
}

/** The name with an extension that tells the truth: whoever opens the file goes by it. */
function nameFor(name: string, type: string): string {
  const fitting = type === 'image/jpeg' ? ['jpg', 'jpeg', 'jpe', 'jfif'] : [type.replace('image/', '')]
  const [, stem = name, extension = ''] = /^(.+)\.([a-z0-9]{1,5})$/i.exec(name) ?? []
  return fitting.includes(extension.toLowerCase()) ? name : `${stem}.${fitting[0]}`
}
