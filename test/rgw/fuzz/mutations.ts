/** What goes wrong on the way: a field dropped, doubled, re-cased, re-ordered, a byte flipped. */
import type { Field } from '../../conformance/form.ts'
import type { Draft } from './draft.ts'
import type { Random } from './random.ts'

/** A change that is the same for both servers, though their signatures differ: it is made before they are known. */
export interface Mutation {
  /** Such as `drop`. */
  readonly name: string
  /** What is changed, such as `field x-amz-date`, of the draft it is applied to. */
  readonly target: (draft: Draft) => string
  readonly apply: (draft: Draft) => Draft
}

type ListName = 'field' | 'parameter' | 'header'
type Change = (list: readonly Field[], at: number, random: number) => readonly Field[]

/** Another character of the same kind, so that what is changed stays well-formed as HTTP and as JSON. */
const otherChar = (char: string): string => {
  if (/[0-8a-yA-Y]/.test(char)) return String.fromCharCode(char.charCodeAt(0) + 1)
  return char === '9' ? '0' : char === 'z' ? 'a' : 'Z'
}
const flip = (text: string, random: number): string => {
  const at = Math.floor(random * text.length)
  return text.slice(0, at) + otherChar(text[at] ?? 'a') + text.slice(at + 1)
}
const recase = (text: string): string =>
  text.replace(/[a-z]/gi, (char) => (char === char.toUpperCase() ? char.toLowerCase() : char.toUpperCase()))
const edit = (list: readonly Field[], at: number, change: (field: Field) => Field[]): Field[] =>
  list.flatMap((field, index) => (index === at ? change(field) : [field]))

const changes: Readonly<Record<string, Change>> = {
  drop: (list, at) => list.filter((_, index) => index !== at),
  double: (list, at) => edit(list, at, (field) => [field, field]),
  'double and change': (list, at, random) =>
    edit(list, at, ([name, value]) => [
      [name, value],
      [name, flip(value, random)],
    ]),
  're-case the name of': (list, at) => edit(list, at, ([name, value]) => [[recase(name), value]]),
  're-case the value of': (list, at) => edit(list, at, ([name, value]) => [[name, recase(value)]]),
  'move to the front': (list, at) => [...list.slice(at, at + 1), ...changes['drop']!(list, at, 0)],
  'flip a byte of': (list, at, random) => edit(list, at, ([name, value]) => [[name, flip(value, random)]]),
  'flip a byte of the name of': (list, at, random) =>
    edit(list, at, ([name, value]) => [[flip(name, random), value]]),
  empty: (list, at) => edit(list, at, ([name]) => [[name, '']]),
}

const listOf = (draft: Draft, name: ListName): readonly Field[] => {
  if (name === 'field') return draft.form?.fields ?? []
  return name === 'parameter' ? draft.query : draft.headers
}
const withList = (draft: Draft, name: ListName, list: readonly Field[]): Draft => {
  if (name === 'parameter') return { ...draft, query: list }
  if (name === 'header') return { ...draft, headers: list }
  return draft.form ? { ...draft, form: { ...draft.form, fields: list } } : draft
}

function onList(list: ListName, random: Random): Mutation {
  const name = random.pick(Object.keys(changes) as [string, ...string[]])
  const change = changes[name]
  const [where, what] = [random.next(), random.next()]
  /** Signed by header, a request may have no parameters, and signed by query no headers. */
  const present = (draft: Draft): ListName => {
    if (listOf(draft, list).length > 0) return list
    return list === 'header' ? 'parameter' : 'header'
  }
  const at = (fields: readonly Field[]): number => Math.floor(where * fields.length)
  return {
    name,
    target: (draft) => {
      const fields = listOf(draft, present(draft))
      return `${present(draft)} ${fields[at(fields)]?.[0].toLowerCase()}`
    },
    apply: (draft) => {
      const fields = listOf(draft, present(draft))
      return change ? withList(draft, present(draft), change(fields, at(fields), what)) : draft
    },
  }
}

const flipBytes = (bytes: Buffer, random: number): Buffer => {
  const copy = Buffer.from(bytes)
  if (copy.length === 0) return copy
  const at = Math.floor(random * copy.length)
  copy.set([(copy[at] ?? 0) ^ 1], at)
  return copy
}

function onBody(random: Random): Mutation {
  const where = random.next()
  return {
    name: 'flip a byte of',
    target: () => 'the body',
    apply: (draft) => {
      const { form, body } = draft
      if (form)
        return {
          ...draft,
          form: { ...form, file: { ...form.file, bytes: flipBytes(form.file.bytes, where) } },
        }
      return body ? { ...draft, body: flipBytes(body, where) } : draft
    },
  }
}

function onPath(random: Random): Mutation {
  const where = random.next()
  return {
    name: 'flip a byte of',
    target: () => 'the key',
    apply: (draft) => {
      const at = draft.path.lastIndexOf('/') + 1
      const name = draft.path.slice(at)
      return name.includes('%') ? draft : { ...draft, path: draft.path.slice(0, at) + flip(name, where) }
    },
  }
}

const onMethod = (): Mutation => ({
  name: 'change',
  target: () => 'the method',
  apply: (draft) => ({ ...draft, method: draft.method === 'PUT' ? 'GET' : 'PUT' }),
})

/** Some change to a form, or to a request signed by query or by header. */
export function mutation(random: Random, kind: 'form' | 'request'): Mutation {
  const roll = random.next()
  if (roll < 0.04) return onBody(random)
  if (kind === 'form') return onList('field', random)
  if (roll < 0.09) return onPath(random)
  if (roll < 0.12) return onMethod()
  return onList(random.chance(0.6) ? 'parameter' : 'header', random)
}
