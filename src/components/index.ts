export { Dropzone } from './dropzone/dropzone.tsx'
export type { DropzoneProps } from './dropzone/dropzone.tsx'
export { MessagesProvider, useMessages } from './messages-provider.tsx'
export { PasteTarget } from './paste-target/paste-target.tsx'
export type { PasteTargetProps } from './paste-target/paste-target.tsx'
export { S3Uploader } from './s3-uploader/s3-uploader.tsx'
export type {
  S3UploaderAppearance,
  S3UploaderControlled,
  S3UploaderProps,
} from './s3-uploader/s3-uploader.tsx'
export { UploadAnnouncer } from './upload-announcer/upload-announcer.tsx'
export type { UploadAnnouncerProps } from './upload-announcer/upload-announcer.tsx'
export * as UploadListItem from './upload-list/item/parts.ts'
export type { UploadListItemProps } from './upload-list/item/root.tsx'
export { UploadList } from './upload-list/upload-list.tsx'
export type { UploadListProps } from './upload-list/upload-list.tsx'
export { UploadSummary } from './upload-summary/upload-summary.tsx'
export type { UploadSummaryProps } from './upload-summary/upload-summary.tsx'
