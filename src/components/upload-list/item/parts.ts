// No 'use client' here: with it, `UploadListItem.Root` would be out of reach for server components.
export { Actions, Cancel, Dismiss, Pause, Remove, Resume, Retry } from './actions.tsx'
export type { ActionPart } from './actions.tsx'
export { Name } from './name.tsx'
export { Progress } from './progress.tsx'
export { Root } from './root.tsx'
export type { UploadListItemProps } from './root.tsx'
export { StatusIcon } from './status-icon.tsx'
export { Reason, Size, Status } from './texts.tsx'
