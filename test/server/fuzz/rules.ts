/** The fuzz's routes, twice: as the signer is given them, and in the oracle's own words. */
import { z } from 'zod'

import type { AnyRouter } from '../../../src/server/index.ts'
import { createUploadRouter, publicImages, route } from '../../../src/server/index.ts'

export const secrets = {
  bucket: 'uploads',
  region: 'eu-central-1',
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  receipts: 'receipts-are-sealed-with-this',
}

/** What a route allows. */
export interface RouteRules {
  readonly minSize: number
  readonly maxSize: number
  readonly maxFiles: number
  readonly takes: (file: { name: string; type: string }) => boolean
  /** Types that may be stored; undefined: any. */
  readonly storesOnly?: RegExp
  /** Types that browsers may show. */
  readonly shows: readonly string[]
  /** Where keys may lie. */
  readonly folders: (user: string) => readonly string[]
  /** Headers or fields that must be there, in lower case. */
  readonly sends: Readonly<Record<string, string>>
  /** Those that may. */
  readonly mayHave: readonly string[]
  readonly kinds: readonly ('post' | 'put' | 'multipart')[]
}

const users = new Set(['ann', 'bob'])
const authorize = (request: Request): { id: string } | null | false => {
  const id = request.headers.get('x-user')
  if (id === 'mallory') return false
  return id !== null && users.has(id) ? { id } : null
}

export const router: AnyRouter = createUploadRouter({
  avatar: route({
    ...publicImages(),
    authorize,
    maxSize: 5000,
    maxFiles: 3,
    prefix: 'avatars/',
    key: ({ file, user }) => `avatars/${user.id}/${file.uniqueName}`,
    view: true,
    delete: true,
  }),
  docs: route({
    authorize,
    metadata: z.object({ album: z.string().max(20) }),
    accept: { 'application/pdf': ['.pdf'], '.docx': [] },
    minSize: 1,
    maxSize: 1_000_000,
    key: ({ file, user, metadata }) => `docs/${user.id}/${metadata.album}/${file.safeName}`,
    object: { storageClass: 'STANDARD_IA', tags: { kind: 'doc' }, metadata: { Who: 'Ä b' } },
    transport: 'put',
    prepare: ({ key }) => ({ key }),
  }),
  video: route({
    authorize,
    accept: { 'video/*': [] },
    maxSize: 2_000_000_000,
    transport: 'multipart',
    partSize: 5 * 1024 ** 2,
    key: ({ file, user }) => `video/${user.id}/${file.uniqueName}`,
  }),
  any: route({
    authorize,
    inline: ['image/*', 'text/plain'],
    key: ({ file, user }) => `any/${user.id}/${file.name}`,
    list: ({ user }) => `any/${user.id}/`,
  }),
  checked: route({
    authorize,
    promote: 'incoming/',
    object: { createOnly: true },
    key: ({ file, user }) => `checked/${user.id}/${file.uniqueName}`,
  }),
})

const raster = ['image/jpeg', 'image/png', 'image/gif', 'image/webp', 'image/avif']
const endings: Readonly<Record<string, string>> = {
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  png: 'image/png',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  pdf: 'application/pdf',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
}
const bare = (type: string): string => (type.split(';')[0] ?? '').trim().toLowerCase()
const guess = (name: string): string | undefined => endings[name.toLowerCase().split('.').at(-1) ?? '']
const typeOf = ({ name, type }: { name: string; type: string }): string => {
  const told = bare(type)
  return told === '' || told === 'application/octet-stream' ? (guess(name) ?? '') : told
}
const everything = {
  minSize: 0,
  maxSize: 5 * 1024 ** 3,
  maxFiles: 100,
  takes: () => true,
  sends: {},
  mayHave: [],
}

export const rulesOf: Readonly<Record<string, RouteRules>> = {
  avatar: {
    ...everything,
    maxSize: 5000,
    maxFiles: 3,
    takes: (file) => raster.includes(typeOf(file)),
    storesOnly: /^image\/(jpeg|png|gif|webp|avif)$/,
    shows: raster,
    folders: (user) => [`avatars/${user}/`],
    sends: { 'cache-control': 'public, max-age=31536000, immutable' },
    kinds: ['post', 'put', 'multipart'],
  },
  docs: {
    ...everything,
    minSize: 1,
    maxSize: 1_000_000,
    takes: (file) => typeOf(file) === 'application/pdf' || /\.(pdf|docx)$/i.test(file.name),
    shows: [],
    folders: (user) => [`docs/${user}/`],
    sends: {
      'x-amz-storage-class': 'STANDARD_IA',
      'x-amz-tagging': 'kind=doc',
      'x-amz-meta-who': '%C3%84 b',
    },
    mayHave: ['x-amz-meta-upload-id'],
    kinds: ['put'],
  },
  video: {
    ...everything,
    maxSize: 2_000_000_000,
    takes: (file) => typeOf(file).startsWith('video/'),
    shows: [],
    folders: (user) => [`video/${user}/`],
    kinds: ['put', 'multipart'],
  },
  any: {
    ...everything,
    shows: [...raster, 'text/plain', 'image/heic', 'image/bmp'],
    folders: (user) => [`any/${user}/`],
    mayHave: ['x-amz-meta-upload-id'],
    kinds: ['post', 'put', 'multipart'],
  },
  checked: {
    ...everything,
    shows: [],
    folders: () => ['incoming/'],
    sends: {},
    mayHave: ['x-amz-meta-upload-id', 'if-none-match'],
    kinds: ['put', 'multipart'],
  },
}
