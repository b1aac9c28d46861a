export { fineUploader } from './fine-uploader/index.ts'
export type {
  FineUploaderFileOptions,
  FineUploaderOptions,
  FineUploaderParam,
  FineUploaderParams,
  FineUploaderRef,
  FineUploaderServer,
  FineUploaderTypes,
} from './fine-uploader/types.ts'
export { kit } from './kit.ts'
export type { KitFileOptions, KitRef, KitTypes } from './kit-types.ts'
export type { KitOptions } from './kit.ts'
export { plupload } from './plupload.ts'
export type { PluploadOptions, PluploadRef, PluploadTypes } from './plupload.ts'
export { presignedPost } from './presigned-post.ts'
export type { PresignedPost, PresignedPostOptions, PresignedPostTypes } from './presigned-post.ts'
