import type { UploadRules } from '../../core/index.ts'
import type { Messages } from '../../i18n/messages.ts'
import { acceptLabels } from '../../protocol/accept-labels.ts'

/** What the rules allow, a line each: said before the user has chosen, instead of afterwards. */
export function limitLines(rules: UploadRules, messages: Messages): string[] {
  const { accept = {}, minSize = 0, maxSize, maxFiles, maxTotalSize } = rules
  const labels = acceptLabels(accept)
  return [
    ...(labels.length ? [messages.limitTypes(labels)] : []),
    // "At least 1 byte" means "not empty", and nobody needs to be told.
    ...(minSize > 1 ? [messages.limitMinSize(minSize)] : []),
    ...(isLimit(maxSize) ? [messages.limitMaxSize(maxSize)] : []),
    // One file: the button says so already.
    ...(isLimit(maxFiles) && maxFiles > 1 ? [messages.limitMaxFiles(maxFiles)] : []),
    ...(isLimit(maxTotalSize) ? [messages.limitTotalSize(maxTotalSize)] : []),
  ]
}

const isLimit = (value: number | undefined): value is number => value !== undefined && value < Infinity
