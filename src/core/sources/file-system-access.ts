/** Where Chromium's File System Access API can be used: handles of dropped files, and its pickers. */
import { hasOpaqueOrigin } from '../opaque-origin.ts'

/**
 * May this page ask a dropped item for its handle? Chromium has the method on every page, and kills the renderer, with
 * every upload in it, when it is called without a secure context or in an opaque origin: plain http, sandboxed frames,
 * `data:` frames (react-dropzone#1397). False on a server.
 */
export function mayUseHandles(): boolean {
  return typeof isSecureContext === 'boolean' && isSecureContext && !hasOpaqueOrigin()
}

/** May this page open Chromium's file pickers? They refuse frames whose top page has another origin. */
export function mayUsePickers(): boolean {
  return 'showOpenFilePicker' in globalThis && mayUseHandles() && isOfTopOrigin()
}

function isOfTopOrigin(): boolean {
  try {
    return typeof top !== 'object' || top?.origin === origin
  } catch {
    return false
  }
}
