/** Object tags, in their three spellings: a header, a form field in XML, a body in XML (AWS: object-tagging). */
import { S3Error } from '../errors.ts'
import { allowOnly, childrenOf, readXml, textOf } from '../http/xml-reader.ts'
import { document, element } from '../http/xml-writer.ts'

/** Key and value. */
export type Tag = readonly [key: string, value: string]

/** `x-amz-tagging: a=1&b=2`. @throws S3Error InvalidArgument, InvalidTag */
export function parseTagHeader(text: string | undefined): Tag[] {
  if (text === undefined || text === '') return []
  return checked([...new URLSearchParams(text)])
}

/** A `<Tagging>` document. @throws S3Error MalformedXML, InvalidTag */
export function parseTagging(text: string): Tag[] {
  const root = readXml(text, 'Tagging')
  allowOnly(root, 'TagSet')
  const [set, ...others] = childrenOf(root, 'TagSet')
  if (!set || others.length > 0) throw new S3Error('MalformedXML')
  allowOnly(set, 'Tag')
  return checked(
    set.children.map((tag) => {
      allowOnly(tag, 'Key', 'Value')
      const [key, value] = [textOf(tag, 'Key'), textOf(tag, 'Value')]
      if (key === undefined || value === undefined) throw new S3Error('MalformedXML')
      return [key, value]
    }),
  )
}

/** The document back. */
export function writeTagging(tags: readonly Tag[]): string {
  return document(
    element(
      'Tagging',
      element(
        'TagSet',
        tags.map(([key, value]) => element('Tag', element('Key', key), element('Value', value))),
      ),
    ),
    { namespace: true },
  )
}

function checked(tags: Tag[]): Tag[] {
  if (tags.length > 10) {
    throw new S3Error('BadRequest', { message: 'Object tags cannot be greater than 10' })
  }
  const keys = new Set<string>()
  for (const [key, value] of tags) {
    const well = key.length > 0 && key.length <= 128 && value.length <= 256 && !key.startsWith('aws:')
    // AWS: object-tagging, "letters, numbers, spaces representable in UTF-8, and + - = . _ : / @".
    const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u
    if (!well || !allowed.test(key) || !allowed.test(value)) {
      throw new S3Error('InvalidTag', {
        message: `The Tag${well && allowed.test(key) ? 'Value' : 'Key'} you have provided is invalid`,
      })
    }
    if (keys.has(key))
      throw new S3Error('InvalidTag', { message: 'Cannot provide multiple Tags with the same key' })
    keys.add(key)
  }
  return tags
}
