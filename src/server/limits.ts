/** What GET publishes: the routes' limits, so that the browser need not be told them a second time. */
import { partLimits } from '../protocol/part-plan.ts'
import type { LimitsAnswer, WireLimits } from '../protocol/wire-actions.ts'
import type { AnyRouteOptions } from './route.ts'
import type { AnyRouter } from './router.ts'
import type { KnownStore } from './storage/known-capabilities.ts'

/** Bytes from which on a route sends in parts by itself; undefined where it never does. */
export function multipartFromOf({ transport = 'auto', multipartFrom }: AnyRouteOptions): number | undefined {
  if (transport === 'multipart') return 1
  return transport === 'auto' ? Math.min(multipartFrom ?? 64 * 1024 ** 2, partLimits.maxSize + 1) : undefined
}

/** The answer to GET. Nothing in it is a secret, and nobody is asked who they are. */
export function publishLimits({ routes }: AnyRouter, store: KnownStore): LimitsAnswer {
  const published = [...routes].map(([name, options]): [string, WireLimits] => [
    name,
    limitsOf(options, store),
  ])
  return { v: 1, routes: Object.fromEntries(published) }
}

function limitsOf(options: AnyRouteOptions, { can, isFormsOnly }: KnownStore): WireLimits {
  const { accept = {}, minSize = 0, maxSize = partLimits.maxSize, maxFiles = Infinity } = options
  const from = isFormsOnly ? undefined : multipartFromOf(options)
  // Whole numbers: `1.1 * 1024 ** 2` is none, and JSON has no Infinity.
  return {
    accept,
    minSize: Math.ceil(minSize),
    maxSize: Math.floor(Math.min(maxSize, Number.MAX_SAFE_INTEGER)),
    multipartFrom: from === undefined ? null : Math.ceil(from),
    checksums: can.checksums,
    ...(maxFiles < Infinity && { maxFiles: Math.ceil(maxFiles) }),
  }
}
