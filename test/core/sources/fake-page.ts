/** Globals of pages and frames, as Chromium 156 reports them. */
import { vi } from 'vitest'

/** The globals of a page, as far as they decide about file handles. */
export interface FakePage {
  readonly title: string
  readonly isSecureContext: boolean
  readonly origin: string
  readonly protocol: string
  /** False: reading `localStorage` throws, as in an opaque origin. */
  readonly hasStorage: boolean
  /** The top page's origin; undefined: reading it throws. */
  readonly topOrigin: string | undefined
}

const https = {
  title: 'https',
  isSecureContext: true,
  origin: 'https://app.example',
  protocol: 'https:',
  hasStorage: true,
  topOrigin: 'https://app.example',
} satisfies FakePage
const opaque = { ...https, origin: 'null', hasStorage: false, topOrigin: undefined }

/** See the head of this file. */
export const pages = {
  https,
  http: {
    ...https,
    title: 'plain http',
    isSecureContext: false,
    origin: 'http://app.example',
    protocol: 'http:',
    topOrigin: 'http://app.example',
  },
  sandboxedFrame: { ...opaque, title: 'a sandboxed frame' },
  sandboxedPage: { ...opaque, title: 'a page that is sandboxed by its policy', topOrigin: 'null' },
  dataFrame: { ...opaque, title: 'a data: frame', isSecureContext: false, protocol: 'data:' },
  file: { ...https, title: 'a file: page', origin: 'null', protocol: 'file:', topOrigin: 'null' },
  sandboxedFile: { ...opaque, title: 'a sandboxed frame of a file: page', protocol: 'file:' },
  foreignFrame: { ...https, title: 'a frame of another origin', topOrigin: undefined },
} satisfies Record<string, FakePage>

const refuse = (): never => {
  throw new DOMException('Blocked.', 'SecurityError')
}

/** Sets the globals; `vi.unstubAllGlobals()` ends it. */
export function stubPage({ isSecureContext, origin, protocol, hasStorage, topOrigin }: FakePage): void {
  vi.stubGlobal('isSecureContext', isSecureContext)
  vi.stubGlobal('origin', origin)
  vi.stubGlobal('location', { protocol })
  vi.stubGlobal('localStorage', {})
  if (!hasStorage) Object.defineProperty(globalThis, 'localStorage', { get: refuse, configurable: true })
  const top = { origin: topOrigin }
  if (topOrigin === undefined) Object.defineProperty(top, 'origin', { get: refuse })
  vi.stubGlobal('top', top)
}
