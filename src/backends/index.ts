export { presignedPost } from './presigned-post.ts'
export type { PresignedPost, PresignedPostOptions, PresignedPostTypes } from './presigned-post.ts'
