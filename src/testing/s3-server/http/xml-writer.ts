/** Writes S3's XML answers. */
import { escapeXml } from '../../../s3/xml.ts'

/** Markup, already escaped. */
export interface Markup {
  readonly markup: string
}

/** What an element can hold; `undefined` and empty lists are left out, numbers and booleans are written plainly. */
export type Content = Markup | string | number | boolean | undefined | readonly Content[]

/** S3's XML namespace, which most of its answers carry on their root. */
export const s3Namespace = 'http://s3.amazonaws.com/doc/2006-03-01/'

/** One element. */
export function element(name: string, ...content: readonly Content[]): Markup {
  return { markup: `<${name}>${content.map(write).join('')}</${name}>` }
}

/** An element, or nothing at all where there is no value. */
export function optional(name: string, value: string | number | boolean | undefined): Markup | undefined {
  return value === undefined ? undefined : element(name, value)
}

/** A document; S3 gives its errors and its PostResponse no namespace. */
export function document(root: Markup, options: { readonly namespace?: boolean } = {}): string {
  const markup = options.namespace ? root.markup.replace(/^<\w+/, `$& xmlns="${s3Namespace}"`) : root.markup
  return `<?xml version="1.0" encoding="UTF-8"?>\n${markup}`
}

function write(content: Content): string {
  if (content === undefined) return ''
  if (typeof content === 'object') return 'markup' in content ? content.markup : content.map(write).join('')
  return escapeXml(String(content))
}
