export { kit } from './kit.ts'
export type { KitFileOptions, KitOptions, KitTypes } from './kit.ts'
export { presignedPost } from './presigned-post.ts'
export type { PresignedPost, PresignedPostOptions, PresignedPostTypes } from './presigned-post.ts'
