import { describe, expect, test } from 'vitest'

import { checkPostPolicy, policySizeLimits } from '../../src/s3/policy-check.ts'
import { parsePostPolicy, type PostPolicy } from '../../src/s3/policy-grammar.ts'
import { parseStrictJson } from '../../src/s3/strict-json.ts'

const expiration = '2026-11-20T12:00:00.000Z'
const before = new Date('2026-11-20T11:59:59.999Z')

function read(conditions: readonly unknown[]): PostPolicy {
  const policy = parsePostPolicy(JSON.stringify({ expiration, conditions }))
  if ('mistake' in policy) throw new Error(policy.mistake)
  return policy
}

describe('parsePostPolicy', () => {
  const mistakeIn = (text: string) => {
    const policy = parsePostPolicy(text)
    return 'mistake' in policy ? policy.mistake : undefined
  }
  const withConditions = (conditions: string) => `{"expiration":"${expiration}","conditions":${conditions}}`

  test.each<[what: string, conditions: string]>([
    ['no condition', '[]'],
    ['simple ones', '[{"bucket":"b"},{"key":"k"}]'],
    ['lists', '[["eq","$acl","private"],["starts-with","$key","u/"]]'],
    ['a range', '[["content-length-range",0,10]]'],
    ['a range in strings', '[["content-length-range","5","10"]]'],
    ['a range in words, which only fails later', '[["content-length-range","test","10"]]'],
    ['a name without $, which only fails later', '[["eq","acl","private"]]'],
    ['space everywhere', ' [ \r\n\t[ "eq" , "$a" , "b" ] ] '],
    ['escapes', String.raw`[{"key":"\u00e9\n\"\\"}]`],
  ])('takes %s', (_, conditions) => {
    expect(mistakeIn(withConditions(conditions))).toBeUndefined()
  })

  test.each<[what: string, text: string, mistake: string]>([
    ['no JSON', 'nonsense', 'Invalid JSON.'],
    ['nothing', '', 'Invalid JSON.'],
    ['a list', '[]', 'Invalid JSON.'],
    ['a trailing comma', withConditions('[{"a":"b"},]'), 'Invalid JSON.'],
    ['text behind it', `${withConditions('[]')}x`, 'Invalid JSON.'],
    [
      'a name twice',
      `{"expiration":"${expiration}","expiration":"${expiration}","conditions":[]}`,
      'Invalid JSON.',
    ],
    ['a field twice in one condition', withConditions('[{"key":"a","key":"b"}]'), 'Invalid JSON.'],
    ['a float', withConditions('[["content-length-range",0,512.0]]'), 'Invalid JSON.'],
    ['an exponent', withConditions('[["content-length-range",0,1e3]]'), 'Invalid JSON.'],
    ['null', withConditions('[{"acl":null}]'), 'Invalid JSON.'],
    ['true', withConditions('[{"acl":true}]'), 'Invalid JSON.'],
    ['no expiration', '{"conditions":[]}', 'Policy missing expiration.'],
    ['no conditions', `{"expiration":"${expiration}"}`, 'Policy missing conditions.'],
    [
      'other members',
      `{"Version":"1","expiration":"${expiration}","conditions":[]}`,
      "Unexpected: 'version'",
    ],
    ['names in another case', `{"Expiration":"${expiration}","conditions":[]}`, "Unexpected: 'expiration'"],
    [
      'conditions that are no list',
      withConditions('{"a":"b"}'),
      "Invalid 'conditions' value: must be a List.",
    ],
    [
      'an offset',
      '{"expiration":"2026-11-20T12:00:00+02:00","conditions":[]}',
      "Invalid 'expiration' value: '2026-11-20T12:00:00+02:00'",
    ],
    [
      'a space for the T',
      '{"expiration":"2026-11-20 12:00:00Z","conditions":[]}',
      "Invalid 'expiration' value: '2026-11-20 12:00:00Z'",
    ],
    [
      'the 30th of February',
      '{"expiration":"2026-02-30T12:00:00Z","conditions":[]}',
      "Invalid 'expiration' value: '2026-02-30T12:00:00Z'",
    ],
    [
      'a condition that is a text',
      withConditions('["eq"]'),
      'Invalid condition test: must be a List or Object.',
    ],
    ['an empty list', withConditions('[[]]'), 'Invalid Condition: missing operation identifier.'],
    [
      'an unknown operation',
      withConditions('[["ends-with","$key","a"]]'),
      "Invalid Condition: unknown operation 'ends-with'.",
    ],
    [
      'an operation in another case',
      withConditions('[["Starts-With","$key","a"]]'),
      "Invalid Condition: unknown operation 'Starts-With'.",
    ],
    ['too few operands', withConditions('[["eq","$key"]]'), 'Invalid eq: wrong number of arguments.'],
    [
      'too many operands',
      withConditions('[["eq","$key","a","b"]]'),
      'Invalid eq: wrong number of arguments.',
    ],
    ['a number to compare', withConditions('[["eq","$key",1]]'), 'Invalid JSON.'],
    [
      'half a range',
      withConditions('[["content-length-range",0]]'),
      'Invalid content-length-range: wrong number of arguments.',
    ],
    [
      'a negative bound',
      withConditions('[["content-length-range",-1,0]]'),
      'Invalid content-length-range: negative bound.',
    ],
    [
      'an empty simple condition',
      withConditions('[{}]'),
      'Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.',
    ],
    [
      'two in one',
      withConditions('[{"a":"b","c":"d"}]'),
      'Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.',
    ],
    [
      'a number in a simple one',
      withConditions('[{"Content-Length":6199034}]'),
      'Invalid Simple-Condition: value must be a string.',
    ],
  ])('refuses %s', (_, text, mistake) => {
    expect(mistakeIn(text)).toBe(`Invalid Policy: ${mistake}`)
  })
})

describe('checkPostPolicy', () => {
  const check = (conditions: readonly unknown[], fields: Record<string, string>, now = before) =>
    checkPostPolicy(
      read(conditions),
      {
        bucket: 'b',
        fields: new Map(Object.entries(fields).map(([name, value]) => [name.toLowerCase(), { name, value }])),
      },
      now,
    )?.message.replace('Invalid according to Policy: ', '')
  const inBucket = { bucket: 'b' }

  test.each<[what: string, conditions: readonly unknown[], fields: Record<string, string>]>([
    ['what is exactly so', [inBucket, { key: 'k' }], { key: 'k' }],
    ['names in any case', [inBucket, ['eq', '$CoNtEnT-tYpE', 'a/b']], { 'content-Type': 'a/b' }],
    ['a prefix', [inBucket, ['starts-with', '$key', 'u/']], { key: 'u/x' }],
    [
      'any value',
      [inBucket, ['starts-with', '$success_action_redirect', '']],
      { success_action_redirect: 'x' },
    ],
    ['an empty field', [inBucket, { acl: '' }], { acl: '' }],
    [
      'media types in a list, each with the prefix',
      [inBucket, ['starts-with', '$Content-Type', 'image/']],
      { 'Content-Type': 'image/jpg,image/png' },
    ],
    [
      'a comma in another field',
      [inBucket, ['starts-with', '$x-amz-meta-a', 'image/']],
      { 'x-amz-meta-a': 'image/png,text/html' },
    ],
    [
      'several conditions on one field',
      [inBucket, ['starts-with', '$key', 'u/'], { key: 'u/x' }],
      { key: 'u/x' },
    ],
    [
      'fields that need no condition',
      [inBucket],
      { policy: 'p', 'X-Amz-Signature': 's', 'x-ignore-a': '1', 'X-IGNORE-b': '2' },
    ],
    ["the SDK's bucket field", [inBucket], { bucket: 'b' }],
    ['metadata by prefix', [inBucket, ['starts-with', '$x-amz-meta-tag', '']], { 'x-amz-meta-tag': '' }],
  ])('takes %s', (_, conditions, fields) => {
    expect(check(conditions, fields)).toBeUndefined()
  })

  test.each<[what: string, conditions: readonly unknown[], fields: Record<string, string>, message: string]>([
    ['another value', [inBucket, { key: 'k' }], { key: 'K' }, 'Policy Condition failed: ["eq", "$key", "k"]'],
    [
      'another prefix',
      [inBucket, ['starts-with', '$key', 'u/']],
      { key: 'v/x' },
      'Policy Condition failed: ["starts-with", "$key", "u/"]',
    ],
    ['another bucket', [{ bucket: 'other' }], {}, 'Policy Condition failed: ["eq", "$bucket", "other"]'],
    [
      'a bucket field that lies',
      [inBucket],
      { bucket: 'c' },
      'Policy Condition failed: ["eq", "$bucket", "b"]',
    ],
    [
      'a prefix of the bucket',
      [['starts-with', '$bucket', '']],
      {},
      'Policy Condition failed: ["starts-with", "$bucket", ""]',
    ],
    ['no bucket', [{ key: 'k' }], { key: 'k' }, 'Policy missing condition: bucket'],
    [
      'an absent field, though any value would do',
      [inBucket, ['starts-with', '$Content-Type', '']],
      {},
      'Policy Condition failed: ["starts-with", "$Content-Type", ""]',
    ],
    [
      'a condition without $',
      [inBucket, ['eq', 'acl', 'private']],
      { acl: 'private' },
      'Policy Condition failed: ["eq", "acl", "private"]',
    ],
    [
      'one type of a list',
      [inBucket, ['starts-with', '$Content-Type', 'image/']],
      { 'Content-Type': 'image/png,text/html' },
      'Policy Condition failed: ["starts-with", "$Content-Type", "image/"]',
    ],
    [
      'a prefix of what must be exact',
      [inBucket, ['starts-with', '$x-amz-storage-class', '']],
      { 'x-amz-storage-class': 'STANDARD' },
      'Policy Condition failed: ["starts-with", "$x-amz-storage-class", ""]',
    ],
    [
      'a prefix of the status',
      [inBucket, ['starts-with', '$success_action_status', '2']],
      { success_action_status: '201' },
      'Policy Condition failed: ["starts-with", "$success_action_status", "2"]',
    ],
    [
      'a range in words',
      [inBucket, ['content-length-range', 'test', '10']],
      {},
      'Policy Condition failed: ["content-length-range", "test", "10"]',
    ],
    [
      'quotes in the condition',
      [inBucket, { 'Content-Disposition': 'filename="a"' }],
      { 'Content-Disposition': '' },
      String.raw`Policy Condition failed: ["eq", "$Content-Disposition", "filename=\"a\""]`,
    ],
    ['a field without a condition, named as sent', [inBucket], { 'X-Foo': '1' }, 'Extra input fields: X-Foo'],
    [
      'a field whose name a covered one begins with',
      [inBucket, { 'x-amz-meta': '' }],
      { 'x-amz-meta': '', 'x-amz-meta-a': '' },
      'Extra input fields: x-amz-meta-a',
    ],
    ['the signature of another version', [inBucket], { signature: 's' }, 'Extra input fields: signature'],
  ])('refuses %s', (_, conditions, fields, message) => {
    expect(check(conditions, fields)).toBe(message)
  })

  test('a policy ends at its moment', () => {
    expect(check([inBucket], {})).toBeUndefined()
    expect(check([inBucket], {}, new Date(expiration))).toBe('Policy expired.')
  })
})

test('the tightest of several ranges counts', () => {
  expect(
    policySizeLimits(
      read([['content-length-range', 1, 100], ['content-length-range', '0', '50'], { bucket: 'b' }]),
    ),
  ).toEqual({ min: 1, max: 50 })
  expect(policySizeLimits(read([]))).toEqual({ min: 0, max: Number.POSITIVE_INFINITY })
})

describe('parseStrictJson', () => {
  test.each([
    '"a\nb"',
    String.raw`"\x"`,
    String.raw`"\u12"`,
    '01',
    '+1',
    '-',
    '1.5',
    '[1,]',
    '[,1]',
    '{"a"}',
    '{a:"b"}',
    '"a',
    '{"a":"b"',
    `${'['.repeat(20)}${']'.repeat(20)}`,
    '9007199254740993',
    "'a'",
  ])('refuses %s', (text) => {
    expect(parseStrictJson(text)).toBeUndefined()
  })

  test('takes what it should', () => {
    expect(parseStrictJson(' {"a" : [ -5 , "\\u0041" , {} ] } ')).toEqual({
      type: 'object',
      entries: [
        [
          'a',
          {
            type: 'array',
            items: [
              { type: 'integer', value: -5 },
              { type: 'string', value: 'A' },
              { type: 'object', entries: [] },
            ],
          },
        ],
      ],
    })
  })

  test('a hostile text costs linear time', () => {
    const started = performance.now()
    expect(parseStrictJson(`["${'a'.repeat(20_000)}`)).toBeUndefined()
    expect(parseStrictJson(`[${'"a",'.repeat(5_000)}`)).toBeUndefined()
    expect(performance.now() - started).toBeLessThan(1_000)
  })
})
