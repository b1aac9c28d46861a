import type { UploadRules } from '../../core/index.ts'
import { mayAcceptType } from '../../protocol/accept.ts'
import type { HeldFiles } from './use-file-drag.ts'

/** What a zone says of files held over it. A hint: the uploader's rules alone decide, when they are dropped. */
export function judgeHeld(types: readonly string[], rules: UploadRules, multiple: boolean): HeldFiles {
  if (!multiple && types.length > 1) return 'reject'
  return types.every((type) => mayAcceptType(rules.accept ?? {}, type)) ? 'accept' : 'reject'
}
