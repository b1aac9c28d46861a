import type { MutableRefObject, Ref, RefCallback } from 'react'

/** One ref that fills two: ours, and the one the app gave to the part. */
export function mergeRefs<T>(own: MutableRefObject<T | null>, given: Ref<T> | undefined): RefCallback<T> {
  return (element) => {
    own.current = element
    if (typeof given !== 'function') {
      if (given) given.current = element
      return
    }
    const end = given(element)
    // React 19 calls what a ref returned, instead of the ref with null; React 18 wants nothing back.
    return (
      end &&
      (() => {
        own.current = null
        end()
      })
    )
  }
}
