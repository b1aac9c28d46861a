/**
 * One suite for every S3: what the kit relies on, each case once, with AWS's documented answer. Where a server
 * differs, its table of differences says what it does instead, and why; that is checked too.
 */
import { isDeepStrictEqual } from 'node:util'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Case, Differences } from './case.ts'
import { checksums } from './checksums.ts'
import type { S3, S3Target } from './client.ts'
import { openS3 } from './client.ts'
import { conditional } from './conditional.ts'
import { cors } from './cors.ts'
import { multipartLists } from './multipart-lists.ts'
import { multipart } from './multipart.ts'
import { objects } from './objects.ts'
import { partCopies } from './part-copies.ts'
import { postAnswers } from './post-answers.ts'
import { postFields } from './post-fields.ts'
import { postPolicies } from './post-policies.ts'
import { postSignatures } from './post-signatures.ts'
import { presigned } from './presigned.ts'
import { sessions } from './sessions.ts'

export const topics: Readonly<Record<string, readonly Case[]>> = {
  'POST signatures': postSignatures,
  'POST policies': postPolicies,
  'POST fields': postFields,
  'POST answers': postAnswers,
  CORS: cors,
  'presigned URLs and signed headers': presigned,
  'conditional writes': conditional,
  checksums,
  multipart,
  'multipart lists': multipartLists,
  'parts that are copied': partCopies,
  objects,
  'temporary credentials': sessions,
}

export interface S3Conformance {
  readonly name: string
  readonly connect: () => Promise<S3Target>
  readonly differences: Differences
  /** Why there is nothing to connect to: then all cases are reported as skipped. */
  readonly unavailable?: string | undefined
}

/** Declares the tests of one server. */
export function s3Conformance({ name, connect, differences, unavailable }: S3Conformance): void {
  // eslint-disable-next-line vitest/valid-title -- the caller names the server
  describe(name, { timeout: 120_000 }, () => {
    let s3: S3
    beforeAll(async () => {
      if (unavailable === undefined) s3 = await openS3(await connect())
    }, 120_000)
    afterAll(() => s3?.close(), 120_000)

    describe.for(Object.entries(topics))('%s', ([, cases]) => {
      test.for([...cases])('$id: $title', async (one, { skip }) => {
        skip(unavailable !== undefined, unavailable)
        skip(one.needs === 'session' && !s3.session, 'no temporary credentials were given')
        const { expect: outcome, because } = differences[one.id] ?? {
          expect: one.expect,
          because: 'as on AWS',
        }
        expect({ outcome: await one.run(s3, `conformance/${one.id}`), because }).toEqual({ outcome, because })
      })
    })

    test('each difference names a case, and differs from AWS there', () => {
      const cases = new Map(Object.values(topics).flatMap((list) => list.map((one) => [one.id, one])))
      const useless = Object.entries(differences).filter(([id, { expect: outcome }]) =>
        isDeepStrictEqual(outcome, cases.has(id) ? cases.get(id)?.expect : outcome),
      )
      expect(useless).toEqual([])
    })
  })
}
