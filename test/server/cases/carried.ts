/** What an object carries beside its bytes is compared with the grant: a PUT signs only the headers that it has. */
import { describe, expect, test, vi } from 'vitest'

import { createUploadRouter, route } from '../../../src/server/index.ts'
import type { Store } from '../store-suite.ts'
import { aRequest, authorize, backendFor, bytesOf, granted, openSigner, put } from '../store-suite.ts'

const content = bytesOf(1000)

/** Declares the tests for the store that `open()` gives once they run. */
export function describeCarried(open: () => Store): void {
  describe('a header that the browser added to a PUT', () => {
    test.each([
      ['cache-control', 'public, max-age=31536000'],
      ['cache-control', 'no-store'],
      ['content-encoding', 'gzip'],
      ['content-language', 'de'],
      ['expires', 'Thu, 01 Jan 2037 00:00:00 GMT'],
      ['x-amz-website-redirect-location', 'https://evil.example/'],
      ['x-amz-tagging', 'GuardDutyMalwareScanStatus=NO_THREATS_FOUND'],
      ['x-amz-meta-role', 'admin'],
    ])('%s: %s is refused by the store or by confirm', async (name, value) => {
      const prefix = `carried/${crypto.randomUUID()}/`
      const onComplete = vi.fn()
      const { call } = openSigner(
        open(),
        createUploadRouter({ files: route({ authorize, prefix, onComplete }) }),
      )
      const backend = backendFor('files')
      const file = aRequest(content, { accepts: ['put'] })
      const { ref, target } = granted((await backend.createUploads([file], call))[0])
      if (target.type !== 'put') throw new Error(target.type)
      await put(target.request.url, [...target.request.headers, [name, value]], content)
      await expect(backend.confirm?.(ref, { location: '' }, file, call)).rejects.toMatchObject({
        code: 'confirm-failed',
        retry: 'restart',
      })
      expect(await backend.probe?.(ref, call)).toBe('absent')
      expect(onComplete).not.toHaveBeenCalled()
    })
  })

  // Chromium sends no-cache while its developer tools switch the cache off, and max-age=0 beside If-None-Match.
  test.each(['no-cache', 'max-age=0'])(
    'Cache-Control: %s, which browsers add by themselves, fails no upload',
    async (value) => {
      const { call } = openSigner(open(), createUploadRouter({ files: route({ authorize }) }))
      const backend = backendFor('files')
      const file = aRequest(content, { accepts: ['put'] })
      const { ref, target } = granted((await backend.createUploads([file], call))[0])
      if (target.type !== 'put') throw new Error(target.type)
      const headers = [...target.request.headers, ['cache-control', value] as const]
      expect((await put(target.request.url, headers, content)).status).toBe(200)
      expect(await backend.confirm?.(ref, { location: '' }, file, call)).toBeNull()
    },
  )
}
