import { describe, expect, test } from 'vitest'

import { escapeXml, readS3Error, readXmlElement } from '../../src/s3/xml.ts'

describe('readXmlElement', () => {
  test.each<[what: string, xml: string, name: string, text: string | undefined]>([
    ['plain', '<a><Key>x</Key></a>', 'Key', 'x'],
    ['the first of several', '<a><Key>1</Key><Key>2</Key></a>', 'Key', '1'],
    ['a prefix', '<s3:a xmlns:s3="u"><s3:ETag>"e"</s3:ETag></s3:a>', 'ETag', '"e"'],
    ['not a longer name', '<a><KeyCount>1</KeyCount></a>', 'Key', undefined],
    ['not an attribute', '<a Key="1"/>', 'Key', undefined],
    ['entities', '<Key>a&amp;b &lt;&gt;&quot;&apos;</Key>', 'Key', 'a&b <>"\''],
    ['an entity twice encoded is decoded once', '<Key>&amp;lt;</Key>', 'Key', '&lt;'],
    ['numbers', '<ETag>&#34;x&#x22;&#x1F434;</ETag>', 'ETag', '"x"🐴'],
    ['unknown entities stay', '<Key>&nope; &#x110000;</Key>', 'Key', '&nope; &#x110000;'],
    ['CDATA', '<Key>a<![CDATA[<b>&amp;</b>]]>c</Key>', 'Key', 'a<b>&amp;</b>c'],
    ['CDATA holds no elements', '<a><![CDATA[<Key>no</Key>]]><Key>yes</Key></a>', 'Key', 'yes'],
    ['comments hold no elements', '<a><!-- <Key>no</Key> --><Key>y<!-- -->es</Key></a>', 'Key', 'yes'],
    ['declaration, doctype, leading space', ' \n<?xml version="1.0"?><!DOCTYPE a><Key>x</Key>', 'Key', 'x'],
    ['a byte order mark', '\uFEFF<Key>x</Key>', 'Key', 'x'],
    ['attributes with a bracket', '<Key a="1>2" b=\'>\'>x</Key>', 'Key', 'x'],
    ['empty', '<a><Key></Key></a>', 'Key', ''],
    ['self-closing', '<a><Key/><b>x</b></a>', 'Key', ''],
    ['self-closing with an attribute', '<a><Key nil="true" /></a>', 'Key', ''],
    ['space is kept', '<Key> x </Key>', 'Key', ' x '],
    ['children are flattened', '<Owner><ID>1</ID><Name>n</Name></Owner>', 'Owner', '1n'],
    ['the same name inside', '<a><a>1</a>2</a>', 'a', '12'],
    ['missing', '<a/>', 'Key', undefined],
    ['cut off', '<a><Key>x', 'Key', undefined],
    ['cut off in a tag', '<a><Key', 'Key', undefined],
    ['no XML', 'Internal Server Error', 'Key', undefined],
    ['nothing', '', 'Key', undefined],
  ])('%s', (_, xml, name, text) => {
    expect(readXmlElement(xml, name)).toBe(text)
  })

  test.each([
    '<',
    '<a',
    '<a ',
    '<a "',
    "<a ''",
    '<a>',
    '<a:',
    '<!--',
    '<!-->',
    '<!-- >',
    '<![CDATA[',
    '<![CDATA[>',
    '<?',
    '<!',
    '&',
    '</',
  ])('a megabyte of %s costs linear time', (text) => {
    const started = performance.now()
    readXmlElement(text.repeat(1_000_000 / text.length), 'Key')
    readXmlElement(`<${text.slice(1).repeat(1_000_000 / text.length)}`, 'Key')
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

describe('readS3Error', () => {
  test('code, message and all other fields', () => {
    const error = readS3Error(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>EntityTooLarge</Code><Message>Your proposed upload exceeds the maximum allowed size</Message><ProposedSize>21</ProposedSize><MaxSizeAllowed>5</MaxSizeAllowed><RequestId>R</RequestId><HostId>h=</HostId></Error>',
    )
    expect(error?.code).toBe('EntityTooLarge')
    expect(error?.message).toBe('Your proposed upload exceeds the maximum allowed size')
    expect(error?.fields.get('MaxSizeAllowed')).toBe('5')
    expect([...(error?.fields.keys() ?? [])]).toEqual([
      'Code',
      'Message',
      'ProposedSize',
      'MaxSizeAllowed',
      'RequestId',
      'HostId',
    ])
  })

  test.each<[what: string, text: string, code: string | undefined, message?: string]>([
    ['an empty message (Ceph RGW)', '<Error><Code>X</Code><Message></Message></Error>', 'X', ''],
    ['no message', '<Error><Code>X</Code></Error>', 'X', ''],
    [
      'entities in the message',
      '<Error><Code>X</Code><Message>[&quot;eq&quot;]</Message></Error>',
      'X',
      '["eq"]',
    ],
    ['a namespace', '<Error xmlns="u"><Code>X</Code></Error>', 'X', ''],
    [
      'after the blanks of a slow Complete',
      '  \n <?xml version="1.0"?>\n<Error><Code>X</Code></Error>',
      'X',
      '',
    ],
    ['wrapped (STS)', '<ErrorResponse><Error><Code>X</Code></Error></ErrorResponse>', 'X', ''],
    ['space around the code', '<Error><Code> X\n</Code></Error>', 'X', ''],
    ['only its own children', '<Error><Detail><Code>no</Code></Detail><Code>yes</Code></Error>', 'yes', ''],
    ['a code outside of Error', '<a><Code>X</Code></a>', undefined],
    ['no code', '<Error><Message>m</Message></Error>', undefined],
    ['an empty code', '<Error><Code/></Error>', undefined],
    ['HTML', '<html><body><h1>502 Bad Gateway</h1></body></html>', undefined],
    ['a success', '<PostResponse><Key>Error</Key></PostResponse>', undefined],
    ['an empty body', '', undefined],
    ['cut off after the code', '<Error><Code>SlowDown</Code><Mess', 'SlowDown', ''],
  ])('%s', (_, text, code, message) => {
    const error = readS3Error(text)
    expect(error?.code).toBe(code)
    expect(error?.message).toBe(message)
  })
})

describe('escapeXml', () => {
  test('what it writes is read back', () => {
    const text = `<a b="c">&'\r\n\t\u0001 ]]> 🐴`
    const written = escapeXml(text)
    for (const char of `<>"'\r\u0001`) expect(written).not.toContain(char)
    expect(readXmlElement(`<Key>${written}</Key>`, 'Key')).toBe(text)
  })
})
