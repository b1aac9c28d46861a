/** "Show code" shows the code that an app would write, without the fixtures of the story. */
import type { ReactElement } from 'react'

import * as kit from '../src/index.ts'

/** Names by component, since a build shortens the names of functions. */
const names = new Map<unknown, string>([
  ...Object.entries(kit).map(([name, value]): [unknown, string] => [value, name]),
  ...Object.entries(kit.UploadListItem).map(([part, value]): [unknown, string] => [
    value,
    `UploadListItem.${part}`,
  ]),
])

/** Default values of props. Stories name them for the controls. */
const defaults: Readonly<Record<string, unknown>> = {
  autoStart: true,
  disabled: false,
  paste: 'self',
  scope: 'self',
}

/** Options of react-element-to-jsx-string, which writes the code. */
export const jsx = {
  displayName: ({ type }: ReactElement): string =>
    names.get(type) ?? (typeof type === 'string' ? type : 'UnknownComponent'),
  /** Drops the story's frozen uploader, since an app gets one from its provider. */
  filterProps: (value: unknown, key: string): boolean =>
    key !== 'uploader' && value !== undefined && value !== defaults[key] && !isEmptyObject(value),
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0
