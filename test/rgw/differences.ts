/** What Ceph RGW 16.2.15 does otherwise than AWS. Where it lets more pass, only our own S3 shows the mistake. */
import type { Case, Differences, Outcome } from '../conformance/case.ts'
import { checksums } from '../conformance/checksums.ts'

const same = (ids: readonly string[], expect: Outcome, because: string): Differences =>
  Object.fromEntries(ids.map((id) => [id, { expect, because }]))

const named = (pattern: RegExp): string[] =>
  checksums.map(({ id }: Case) => id).filter((id) => pattern.test(id))

const noChecksums = 'RGW 16 knows no x-amz-checksum-*: neither verified nor stored'

export const rgwDifferences: Differences = {
  // POST
  ...same(
    ['post.signature', 'post.secret', 'post.tampered', 'post.key-id', 'session.post-none'],
    '403 AccessDenied',
    'for forms, RGW answers every failed authentication alike',
  ),
  ...same(
    ['post.region'],
    '204',
    'RGW knows no regions: the one in the credential scope only has to be what was signed',
  ),
  ...same(
    ['put.region'],
    '200',
    'RGW knows no regions: the one in the credential scope only has to be what was signed',
  ),
  ...same(
    ['post.expiration-offset', 'post.not-json'],
    '400 InvalidArgument',
    'RGW calls any policy that it cannot read an invalid argument',
  ),
  ...same(['post.type-list'], '204', 'RGW holds starts-with against the whole value'),
  ...same(['post.missing-any'], '204', 'RGW takes a field that is missing for an empty one'),
  'post.headers': {
    expect: [null, null, null, 'text/plain; charset=utf-8'],
    because: 'RGW holds these fields against the policy, but stores only Content-Type',
  },
  ...same(
    ['post.tagging-bad'],
    '400 InvalidArgument',
    'RGW calls XML that it cannot read an invalid argument',
  ),
  ...same(['post.no-file'], '204', 'RGW stores an empty object'),
  ...same(['post.fields-limit'], '204', 'RGW has no such limit'),
  'post.204': {
    expect: { answer: '204', body: 0, etag: null, location: false },
    because: 'RGW writes ETag and Location only into the document of 201',
  },
  'post.201': {
    expect: {
      answer: '201',
      bucket: true,
      key: true,
      etag: '10cc6163fea235096c488559ce02bbc1',
      location: true,
      xml: true,
    },
    because: 'RGW writes the ETag without its quotes',
  },
  ...same(['post.201-etag'], null, 'RGW writes ETag and Location only into the document of 201'),
  'post.error-limit': {
    expect: [null, null],
    because: 'RGW has no details in its errors, not even a message in this one',
  },
  ...same(
    ['post.chunked', 'put.chunked'],
    '411 MissingContentLength',
    'RGW misses the length; AWS does not implement the header',
  ),
  // CORS
  ...same(['cors.method-unknown'], '400 MalformedXML', 'RGW holds the document against a schema'),
  ...same(
    ['cors.refused-put'],
    '403',
    'RGW adds CORS headers when it handles an operation, and a PUT gets no further than its signature; a form does',
  ),
  // Presigned URLs
  ...same(['put.future'], '200', 'RGW looks only whether a URL has expired'),
  ...same(['put.metadata-unsigned'], '200', 'RGW does not ask for x-amz-* headers to be signed'),
  // Conditions
  'if.match': {
    expect: ['412 PreconditionFailed', '412 PreconditionFailed'],
    because: 'on writes, RGW compares the ETag with its quotes to one without',
  },
  ...same(
    ['if.match-new'],
    '412 PreconditionFailed',
    'RGW makes no difference between another object and none',
  ),
  'if.complete-exists': { expect: ['200', false], because: 'RGW 16 reads conditions on PUT only' },
  // Checksums
  ...same(named(/^sum\.put-[^-]+$/), ['200', null], noChecksums),
  ...same(named(/^sum\.put-[^-]+-wrong$/), ['200', true], noChecksums),
  ...same(named(/^sum\.post-(crc|sha)[^-]+$/), ['204', null], noChecksums),
  ...same(named(/^sum\.post-(crc|sha)[^-]+-wrong$/), ['204', true], noChecksums),
  ...same(['sum.put-malformed', 'sum.sdk-presigned', 'sum.part-complete'], '200', noChecksums),
  ...same(['sum.query'], ['200', '200'], noChecksums),
  ...same(['sum.post-md5'], ['204', '204'], 'RGW reads Content-MD5 as a header only, not as a field'),
  ...same(['sum.sdk-stream'], ['411 MissingContentLength', false], 'RGW 16 knows no checksum trailers'),
  'sum.part': {
    expect: { part: '200', wrong: '200', listed: null, complete: '200', object: false },
    because: noChecksums,
  },
  // Multipart
  'mpu.complete-answer': {
    expect: { answer: '200', bucket: true, key: true, etag: false },
    because: 'RGW 16 leaves the ETag of this answer empty',
  },
  ...same(['mpu.order', 'mpu.twice-named'], '200', 'RGW sorts the parts that Complete names'),
  ...same(['mpu.subset'], ['400 InvalidPart', false], 'RGW wants Complete to name all parts that were sent'),
  ...same(['mpu.number'], ['200', '200'], 'RGW takes any part number'),
  'mpu.abort': {
    expect: {
      abort: '204',
      part: '404 NoSuchUpload',
      complete: '500 InternalError',
      again: '404 NoSuchUpload',
    },
    because: 'RGW takes Complete of an upload that is gone for an error of its own',
  },
  'mpu.tags': { expect: ['200', ''], because: 'RGW 16 passes over x-amz-tagging where an upload begins' },
  'copy.match': {
    expect: ['200', '200'],
    because: 'RGW 16 passes over x-amz-copy-source-if-match, as it does for CopyObject',
  },
  ...same(
    ['parts.aborted', 'parts.completed'],
    '404 NoSuchKey',
    'RGW looks the upload up as an object, and passes on that there is none',
  ),
}
