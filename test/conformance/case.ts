import type { S3 } from './client.ts'

/** What a case came to: what was answered, what was stored; compared as a whole. */
export type Outcome =
  | string
  | number
  | boolean
  | null
  | readonly Outcome[]
  | { readonly [name: string]: Outcome }

/** One thing that the kit relies on, or must be able to test against. */
export interface Case {
  /** By topic, such as `post.expired`; tables of differences name it. */
  readonly id: string
  readonly title: string
  /** What AWS answers. `refused` stands for any 4xx, where AWS does not document which one. */
  readonly expect: Outcome
  /** What the target must have been given; else the case is skipped. */
  readonly needs?: 'session'
  /** `key` is the case's own: `conformance/<id>`. */
  run(s3: S3, key: string): Promise<Outcome>
}

/** Where a server differs from AWS: by case, what it does instead, and why. */
export type Differences = Readonly<Record<string, { readonly expect: Outcome; readonly because: string }>>

export const check = (
  id: string,
  title: string,
  expect: Outcome,
  run: Case['run'],
  needs?: Case['needs'],
): Case => ({ id, title, expect, run, ...(needs && { needs }) })
