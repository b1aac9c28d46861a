/** A `CORSConfiguration` document, read with S3's checks and written back (AWS: API_CORSRule). */
import { S3Error } from '../errors.ts'
import { allowOnly, childrenOf, readXml, textOf, type XmlElement } from '../http/xml-reader.ts'
import { element, optional, type Markup } from '../http/xml-writer.ts'
import type { CorsRule } from './cors-rule.ts'

const methods = new Set(['GET', 'PUT', 'HEAD', 'POST', 'DELETE'])
const maxRules = 100

/** @throws S3Error MalformedXML, InvalidRequest */
export function parseCors(text: string): CorsRule[] {
  const root = readXml(text, 'CORSConfiguration')
  allowOnly(root, 'CORSRule')
  return checkCors(root.children.map(parseRule))
}

/** @throws S3Error as S3 refuses such rules */
export function checkCors(rules: readonly CorsRule[]): CorsRule[] {
  if (rules.length === 0 || rules.length > maxRules) throw new S3Error('MalformedXML')
  for (const rule of rules) {
    if (rule.allowedOrigins.length === 0 || rule.allowedMethods.length === 0)
      throw new S3Error('MalformedXML')
    for (const method of rule.allowedMethods) {
      if (!methods.has(method)) {
        throw invalid(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`)
      }
    }
    requireOneWildcard('AllowedOrigin', rule.allowedOrigins)
    requireOneWildcard('AllowedHeader', rule.allowedHeaders)
    for (const name of rule.exposeHeaders) {
      if (name.includes('*')) {
        throw invalid(
          `ExposeHeader "${name}" contains wildcard. We currently do not support wildcard for ExposeHeader.`,
        )
      }
    }
  }
  return [...rules]
}

/** The document's root. */
export function writeCors(rules: readonly CorsRule[]): Markup {
  return element(
    'CORSConfiguration',
    rules.map((rule) =>
      element(
        'CORSRule',
        optional('ID', rule.id),
        rule.allowedMethods.map((method) => element('AllowedMethod', method)),
        rule.allowedOrigins.map((origin) => element('AllowedOrigin', origin)),
        rule.allowedHeaders.map((name) => element('AllowedHeader', name)),
        optional('MaxAgeSeconds', rule.maxAgeSeconds),
        rule.exposeHeaders.map((name) => element('ExposeHeader', name)),
      ),
    ),
  )
}

function parseRule(rule: XmlElement): CorsRule {
  allowOnly(rule, 'ID', 'AllowedOrigin', 'AllowedMethod', 'AllowedHeader', 'ExposeHeader', 'MaxAgeSeconds')
  const texts = (name: string) => childrenOf(rule, name).map(({ text }) => text)
  const [id, maxAge] = [textOf(rule, 'ID'), textOf(rule, 'MaxAgeSeconds')]
  if (maxAge !== undefined && !/^\d{1,9}$/.test(maxAge)) throw new S3Error('MalformedXML')
  if (id !== undefined && id.length > 255)
    throw invalid('The ID of a CORS rule can not be longer than 255 characters.')
  return {
    ...(id !== undefined && { id }),
    allowedOrigins: texts('AllowedOrigin'),
    allowedMethods: texts('AllowedMethod'),
    allowedHeaders: texts('AllowedHeader'),
    exposeHeaders: texts('ExposeHeader'),
    ...(maxAge !== undefined && { maxAgeSeconds: Number(maxAge) }),
  }
}

function requireOneWildcard(name: string, values: readonly string[]): void {
  for (const value of values) {
    if (value.split('*').length > 2) throw invalid(`${name} "${value}" can not have more than one wildcard.`)
  }
}

function invalid(message: string): S3Error {
  return new S3Error('InvalidRequest', { message })
}
