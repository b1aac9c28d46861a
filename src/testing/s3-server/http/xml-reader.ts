/** Reads the XML that S3's clients send, into plain elements. */
import { XMLParser, XMLValidator } from 'fast-xml-parser'

import { S3Error } from '../errors.ts'

/** An element: its children, or its text. */
export interface XmlElement {
  readonly name: string
  readonly text: string
  readonly children: readonly XmlElement[]
}

const textName = '#text'
const parser = new XMLParser({
  preserveOrder: true,
  removeNSPrefix: true,
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  parseTagValue: false,
  trimValues: false,
  textNodeName: textName,
})

/**
 * The document's root.
 * @throws S3Error MalformedXML if it is none, or has another name. Document types are refused, since entities of a
 * client's own making are no business of S3's.
 */
export function readXml(text: string, rootName: string): XmlElement {
  if (text.trim() === '' || /<!DOCTYPE/i.test(text) || XMLValidator.validate(text) !== true) {
    throw new S3Error('MalformedXML')
  }
  const [root, ...others] = toElements(parser.parse(text)).filter(({ name }) => name !== textName)
  if (root?.name !== rootName || others.length > 0) throw new S3Error('MalformedXML')
  return root
}

/** Children of this name. */
export function childrenOf(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.filter((child) => child.name === name)
}

/** The text of the child of this name; `undefined` if there is none. @throws S3Error MalformedXML if there are several */
export function textOf(parent: XmlElement, name: string): string | undefined {
  const [child, ...others] = childrenOf(parent, name)
  if (others.length > 0) throw new S3Error('MalformedXML')
  return child?.text
}

/** @throws S3Error MalformedXML if there are children of other names, or text between them */
export function allowOnly(parent: XmlElement, ...names: readonly string[]): void {
  if (parent.children.some((child) => !names.includes(child.name)) || parent.text.trim() !== '') {
    throw new S3Error('MalformedXML')
  }
}

/** fast-xml-parser's ordered form: `[{name: children}, {'#text': text}]`. */
function toElements(parsed: unknown): XmlElement[] {
  if (!Array.isArray(parsed)) return []
  return parsed.flatMap((node: unknown): XmlElement[] => {
    if (typeof node !== 'object' || node === null) return []
    const entry = Object.entries(node).find(([name]) => name !== ':@')
    if (!entry) return []
    const [name, content]: [string, unknown] = entry
    if (name === textName) return [{ name, text: String(content), children: [] }]
    const inner = toElements(content)
    return [
      {
        name,
        text: inner
          .filter((child) => child.name === textName)
          .map((child) => child.text)
          .join(''),
        children: inner.filter((child) => child.name !== textName),
      },
    ]
  })
}
