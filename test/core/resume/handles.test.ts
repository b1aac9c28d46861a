import { describe, expect, test, vi } from 'vitest'

import { fileOfHandle } from '../../../src/core/resume/handles.ts'

interface Script {
  permission?: PermissionState
  answer?: PermissionState | Error
  file?: Error
}

const file = new File(['x'], 'a.txt')

function handleOf({ permission = 'granted', answer = 'granted', file: error }: Script) {
  const requestPermission = vi.fn<() => Promise<PermissionState>>(() =>
    answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer),
  )
  const handle = {
    kind: 'file',
    queryPermission: () => Promise.resolve(permission),
    requestPermission,
    getFile: () => (error ? Promise.reject(error) : Promise.resolve(file)),
  } as unknown as FileSystemFileHandle
  return { handle, requestPermission }
}

const named = (name: string): Error => new DOMException('no', name)

describe('permission', () => {
  test('what is granted is not asked for again', async () => {
    const { handle, requestPermission } = handleOf({})
    expect(await fileOfHandle(handle, { ask: true })).toBe(file)
    expect(requestPermission).not.toHaveBeenCalled()
  })

  test('without a click nobody is asked', async () => {
    const { handle, requestPermission } = handleOf({ permission: 'prompt' })
    expect(await fileOfHandle(handle, { ask: false })).toBe('needs-permission')
    expect(requestPermission).not.toHaveBeenCalled()
  })

  test('with one, the user decides', async () => {
    const yes = handleOf({ permission: 'prompt' })
    expect(await fileOfHandle(yes.handle, { ask: true })).toBe(file)
    expect(yes.requestPermission).toHaveBeenCalledWith({ mode: 'read' })
    const no = handleOf({ permission: 'prompt', answer: 'denied' })
    expect(await fileOfHandle(no.handle, { ask: true })).toBe('needs-permission')
  })

  test('a question outside of a click is none', async () => {
    const { handle } = handleOf({ permission: 'prompt', answer: named('SecurityError') })
    expect(await fileOfHandle(handle, { ask: true })).toBe('needs-permission')
  })

  test('a permission that is taken back in between', async () => {
    const { handle } = handleOf({ file: named('NotAllowedError') })
    expect(await fileOfHandle(handle, { ask: true })).toBe('needs-permission')
  })

  test('a browser without permissions for handles gives the file', async () => {
    const handle = { kind: 'file', getFile: () => Promise.resolve(file) } as unknown as FileSystemFileHandle
    expect(await fileOfHandle(handle, { ask: false })).toBe(file)
  })
})

describe('the file', () => {
  // Deleted or moved; replaced by a folder; held by another program.
  test.each(['NotFoundError', 'TypeMismatchError', 'NotReadableError'])('%s: gone', async (name) => {
    expect(await fileOfHandle(handleOf({ file: named(name) }).handle, { ask: false })).toBe('gone')
  })
})
