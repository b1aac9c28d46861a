import { createFormat } from '../format.ts'
import type { ActionWords, Messages, NamedReason } from '../messages.ts'

const { number, bytes, bytesApart, percent, duration, anyOf, plural } = createFormat('en')

const files = (count: number): string => `${number(count)} ${plural(count, { one: 'file', other: 'files' })}`

const families: Readonly<Record<string, string>> = {
  'image/*': 'images',
  'video/*': 'videos',
  'audio/*': 'audio',
  'text/*': 'text',
}

/** `.pdf` and `application/pdf` as "PDF", `image/*` as "images". */
const typeName = (label: string): string => {
  const family = families[label]
  if (family) return family
  const short = label.replace(/^\.|^[a-z]+\/(x-)?/i, '')
  return /^[a-z0-9]{1,5}$/i.test(short) ? short.toUpperCase() : label
}

const types = (labels: readonly string[]): string => anyOf([...new Set(labels.map(typeName))])

const action = (label: string): ActionWords => ({ label, of: (name) => `${label} ${name}` })

/** Names a few; more of them are a number. */
const named = (list: readonly NamedReason[], what: string): string =>
  list.length > 3
    ? `${files(list.length)} ${what}.`
    : list.map(({ name, reason }) => `${name} ${what}. ${reason}`).join(' ')

const tooLarge = (limit: number | undefined, actual: number | undefined): string => {
  if (limit === undefined) return 'The file is too large. Choose a smaller one.'
  if (actual === undefined)
    return `The file is too large; the limit is ${bytes(limit)}. Choose a smaller one.`
  const [size, most] = bytesApart(actual, limit)
  return `The file is too large: ${size}; the limit is ${most}. Choose a smaller one.`
}

const tooSmall = (limit: number | undefined, actual: number | undefined): string => {
  if (actual === 0) return 'The file is empty. Choose another one.'
  if (limit === undefined) return 'The file is too small. Choose another one.'
  if (actual === undefined) return `The file is too small; it needs at least ${bytes(limit)}.`
  const [size, least] = bytesApart(actual, limit)
  return `The file is too small: ${size}; it needs at least ${least}.`
}

const tooMany = (limit: number | undefined, then: string): string =>
  limit === undefined
    ? `There are too many files. Remove one, then ${then}.`
    : `No more than ${files(limit)} can be uploaded. Remove one, then ${then}.`

const totalTooLarge = (limit: number | undefined, then: string): string =>
  limit === undefined
    ? `All files together are too large. Remove one, then ${then}.`
    : `All files together may have ${bytes(limit)}. Remove one, then ${then}.`

const addAgain = 'add this one again'
const tryAgain = 'try again'
const support = 'If it keeps happening, tell the people who run this site.'
const broken = `The storage refused the file because of a mistake in this site’s setup. ${support}`
const busy = `The storage is busy or has a problem right now. Try again in a few minutes. ${support}`

const numeric = (limit: number | readonly string[]): number | undefined =>
  typeof limit === 'number' ? limit : undefined
const numericActual = (actual: number | string): number | undefined =>
  typeof actual === 'number' ? actual : undefined

/** English. */
export const en: Messages = {
  uploader: 'File upload',

  dropHere: (multiple) => (multiple ? 'Drop files here' : 'Drop a file here'),
  dropNow: 'Drop to add',
  dropMixed: 'Some of these files can’t be added',
  dropDisabled: 'Uploading is turned off right now',
  chooseFiles: (multiple) => (multiple ? 'Choose files' : 'Choose a file'),
  pasteHere: 'Click here, then paste files or a screenshot',

  limitTypes: (labels) => `Accepts ${types(labels)}`,
  limitMaxSize: (size) => `Up to ${bytes(size)} each`,
  limitMinSize: (size) => `At least ${bytes(size)} each`,
  limitMaxFiles: (count) => `No more than ${files(count)}`,
  limitTotalSize: (size) => `${bytes(size)} in total`,

  files: 'Files',
  size: bytes,
  progress: ({ loaded, total }) => `${bytes(loaded)} of ${bytes(total)}`,
  percent,
  status: {
    queued: 'Queued',
    preparing: 'Preparing…',
    uploading: 'Uploading',
    waiting: 'Waiting',
    paused: 'Paused',
    processing: 'Finishing…',
    success: 'Uploaded',
    error: 'Failed',
    canceled: 'Canceled',
    rejected: 'Not added',
    remote: 'Stored',
  },
  uploading: (ratio) => `Uploading, ${percent(ratio)}`,
  waiting: {
    offline: () => 'You are offline. Goes on when the connection is back.',
    backoff: (seconds) =>
      seconds === undefined
        ? 'That did not work. Trying again…'
        : `That did not work. Trying again in ${duration(seconds)}.`,
    stored: (seconds) =>
      `The file has arrived, but the server did not finish with it. Asking again${
        seconds === undefined ? '…' : ` in ${duration(seconds)}.`
      }`,
  },
  paused: {
    user: 'Paused',
    'needs-file': 'Choose the same file again to go on.',
    'needs-permission': 'Allow access to the file to go on.',
    'other-tab': 'Going on in another tab',
  },
  deleting: 'Deleting…',
  actions: {
    pause: action('Pause'),
    resume: action('Resume'),
    startOver: { label: 'Start over', of: (name) => `Start over ${name}, from the beginning` },
    continue: action('Continue'),
    chooseFile: { label: 'Choose file', of: (name) => `Choose file ${name} again, to go on` },
    cancel: action('Cancel'),
    retry: action('Retry'),
    remove: action('Remove'),
  },

  overall: 'Overall progress',
  summary: ({ files: count, succeeded, failed }, { rejected }) =>
    [
      ...(count === 0
        ? []
        : [
            succeeded === count
              ? `${files(count)} uploaded`
              : `${number(succeeded)} of ${files(count)} uploaded`,
          ]),
      ...(failed > 0 ? [`${number(failed)} failed`] : []),
      ...(rejected > 0
        ? [count === 0 ? `${files(rejected)} not added` : `${number(rejected)} not added`]
        : []),
    ].join(', '),
  start: (count) => `Upload ${files(count)}`,
  cancelAll: 'Cancel all',
  retryFailed: (count) => (count === 1 ? 'Retry failed' : `Retry ${number(count)} failed`),
  clearFinished: 'Clear finished',

  announceAdded: (count) => `${files(count)} added.`,
  announceRejected: (list) => named(list, 'not added'),
  announceProgress: (ratio) => `${percent(ratio)} uploaded.`,
  announceFailed: (list) => named(list, 'failed'),
  announceDone: ({ succeeded, failed }) =>
    failed === 0
      ? `Done. ${files(succeeded)} uploaded.`
      : `Done. ${files(succeeded)} uploaded, ${number(failed)} failed.`,

  rejections: {
    'file-invalid-type': ({ limit }) =>
      typeof limit === 'number'
        ? 'This type of file is not accepted. Choose another one.'
        : `This type of file is not accepted. Choose ${types(limit)}.`,
    'file-too-large': ({ limit, actual }) => tooLarge(numeric(limit), numericActual(actual)),
    'file-too-small': ({ limit, actual }) => tooSmall(numeric(limit), numericActual(actual)),
    'too-many-files': ({ limit }) => tooMany(numeric(limit), addAgain),
    'total-too-large': ({ limit }) => totalTooLarge(numeric(limit), addAgain),
    duplicate: () => 'This file is in the list already.',
    vetoed: ({ reason }) => reason ?? 'This file is not accepted. Choose another one.',
  },

  errors: {
    network: () => 'The connection was lost. Check your internet connection, then try again.',
    aborted: () => 'The upload was stopped. Try again to send the file.',
    'file-unreadable': () =>
      'The file can’t be read any more: it was changed, moved or deleted. Remove it here, then choose it again.',
    'file-changed': () =>
      'This is not the file whose upload was begun. Choose that one, or remove it here and add this one as new.',
    'file-gone': () =>
      'This file was pasted, or made by the page, and was lost when the page was left. Add it again.',
    'signer-unreachable': () =>
      'The server can’t be reached. Check your internet connection, then try again.',
    'signer-failed': () => `The server has a problem right now. Try again in a few minutes. ${support}`,
    unauthorized: () => 'You are not signed in, or may not upload here. Sign in, then try again.',
    refused: () => 'The server did not accept this file. Choose another one.',
    'file-invalid-type': () => 'This type of file is not accepted. Choose another one.',
    'file-too-large': ({ limit, actual }) => tooLarge(limit, actual),
    'file-too-small': ({ limit, actual }) => tooSmall(limit, actual),
    'too-many-files': ({ limit }) => tooMany(limit, tryAgain),
    'total-too-large': ({ limit }) => totalTooLarge(limit, tryAgain),
    'bad-answer': () => `The server gave an answer that makes no sense here. Try again. ${support}`,
    'unsupported-target': () => `The server asks for a way of uploading that this page can’t do. ${support}`,
    expired: () => 'The upload took longer than it was allowed to. Try again.',
    'access-denied': () => `The storage did not allow the upload. ${support}`,
    'signature-mismatch': () => broken,
    'wrong-bucket': () => broken,
    'clock-skew': () => `The server’s clock is wrong, so the storage refused the file. ${support}`,
    timeout: () => 'The connection is too slow or was lost for a while. Check it, then try again.',
    throttled: () => 'Too much is being uploaded at the same time. Wait a moment, then try again.',
    'storage-failed': () => busy,
    'checksum-mismatch': () => 'The file was damaged on its way. Try again.',
    'not-supported': () => `The storage can’t take files this way. ${support}`,
    'already-exists': () => 'A file with this name is stored already. Rename yours, then add it again.',
    'storage-refused': () => `The storage did not accept the file. Try again. ${support}`,
    'confirm-failed': () =>
      'The file has arrived, but the server did not finish with it. Try again; it won’t be sent twice.',
    'resume-unavailable': () =>
      'This browser can’t remember unfinished uploads. Keep this page open until they are done.',
    'digest-unavailable': () => `This page can’t check that the file arrives unharmed. ${support}`,
    'canvas-unreadable': () => 'The picture can’t be turned into a file. Save it to a file, then add that.',
    internal: () => `Something went wrong on this page. Try again, or reload it. ${support}`,
  },
}
