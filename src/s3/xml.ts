/**
 * The little XML that S3's clients need. It ships to browsers, where a full parser costs more than the answers
 * it would read; and it runs where there is no `DOMParser` (workers, edge, Node).
 */

/** S3's `<Error>`, as it came. */
export interface S3ErrorDocument {
  /** What to decide by, such as `EntityTooLarge`. S3's statuses are ambiguous, its codes are not. */
  readonly code: string
  /** S3's English words, `''` if there are none (Ceph RGW sends an empty one). */
  readonly message: string
  /** All child elements by name (`RequestId`, `MaxSizeAllowed`, `StringToSign` …), `Code` and `Message` included. */
  readonly fields: ReadonlyMap<string, string>
}

/** Text as it may stand in an element or attribute. Control characters are kept as references, as S3 writes them. */
export function escapeXml(text: string): string {
  return text.replace(
    // eslint-disable-next-line no-control-regex -- control characters are what it is about
    /[&<>"'\u0000-\u0008\u000B-\u001F\uFFFE\uFFFF]/g,
    (char) => named[char] ?? `&#x${char.charCodeAt(0).toString(16).toUpperCase()};`,
  )
}

/**
 * The text of the first element with this local name, wherever it stands; prefixes (`s3:ETag`) are tolerated,
 * entities decoded, CDATA taken as it is, child elements' text included. `undefined` if there is none, or if the
 * document breaks off before its end.
 */
export function readXmlElement(xml: string, name: string): string | undefined {
  let text: string | undefined
  let depth = 0
  for (const token of tokens(xml)) {
    if (token.kind === 'text') {
      if (text !== undefined) text += token.text
    } else if (token.kind === 'open') {
      if (text !== undefined) depth += 1
      else if (token.name === name) text = ''
    } else if (text !== undefined) {
      if (depth === 0) return text
      depth -= 1
    }
  }
  return undefined
}

/**
 * Reads an S3 error answer: the first element `Error` with its children. `undefined` if the text holds none, such
 * as an empty body, a proxy's HTML page or a success. Note that S3 can send one under status 200
 * (CompleteMultipartUpload, CopyObject).
 */
export function readS3Error(text: string): S3ErrorDocument | undefined {
  // What breaks off says enough if it has a code.
  const [fields] = recordsOf(text, 'Error', true)
  const code = fields?.get('Code')?.trim()
  return fields && code ? { code, message: fields.get('Message') ?? '', fields } : undefined
}

/**
 * Every element with this local name that is not inside another of the same name, as the texts of its own children by
 * name; where a child repeats, the first counts. What the document breaks off in the middle of is left out.
 */
export function readXmlRecords(xml: string, name: string): ReadonlyMap<string, string>[] {
  return [...recordsOf(xml, name, false)]
}

function* recordsOf(xml: string, name: string, keepsCutOff: boolean): Generator<ReadonlyMap<string, string>> {
  let record: Map<string, string> | undefined
  let field: { name: string; text: string; depth: number } | undefined
  for (const token of tokens(xml)) {
    if (!record) {
      if (token.kind === 'open' && token.name === name) record = new Map()
    } else if (token.kind === 'open') {
      if (field) field.depth += 1
      else field = { name: token.name, text: '', depth: 0 }
    } else if (token.kind === 'text') {
      if (field) field.text += token.text
    } else if (!field) {
      yield record
      record = undefined
    } else if (field.depth > 0) field.depth -= 1
    else {
      if (!record.has(field.name)) record.set(field.name, field.text)
      field = undefined
    }
  }
  if (record && keepsCutOff) yield record
}

type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'open' | 'close'; readonly name: string }

// The alternatives exclude one another early (the lookaheads), so that hostile text costs linear time.
const lexeme =
  /<!\[CDATA\[(?<raw>[\s\S]*?)\]\]>|<!--[\s\S]*?-->|<(?:\?|!(?!--|\[))[^>]*>|<(?<slash>\/?)(?![!?])(?:[^\s/<>:"']+:)?(?<name>[^\s/<>:"']+)(?=[\s/>])(?<rest>(?:"[^"]*"|'[^']*'|[^<>"'])*)>|(?<text>[^<]+)/gy

/** Stops without a word where the text is no XML: what has been read by then decides. */
function* tokens(xml: string): Generator<Token> {
  for (const { groups = {} } of xml.matchAll(lexeme)) {
    const { raw, slash, name, rest = '', text } = groups
    if (raw !== undefined) yield { kind: 'text', text: raw }
    else if (text !== undefined) yield { kind: 'text', text: decode(text) }
    else if (name !== undefined) {
      if (!slash) yield { kind: 'open', name }
      if (slash || rest.endsWith('/')) yield { kind: 'close', name }
    }
  }
}

const named: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}
const characters: ReadonlyMap<string, string> = new Map(
  Object.entries(named).map(([char, entity]) => [entity, char]),
)

function decode(text: string): string {
  return text.replace(
    /&(?:#x([\da-f]{1,6})|#(\d{1,7})|[a-z]+);/gi,
    (entity: string, hex?: string, decimal?: string) => {
      if (hex === undefined && decimal === undefined) return characters.get(entity) ?? entity
      const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      return point <= 0x10ffff ? String.fromCodePoint(point) : entity
    },
  )
}

/**
 * A document of tags, as forms and PutObjectTagging take it.
 * @param tags as `x-amz-tagging` has them, `a=b&c=d`
 */
export function taggingXml(tags: string): string {
  const set = [...new URLSearchParams(tags)].map(
    ([key, value]) => `<Tag><Key>${escapeXml(key)}</Key><Value>${escapeXml(value)}</Value></Tag>`,
  )
  return `<Tagging><TagSet>${set.join('')}</TagSet></Tagging>`
}
