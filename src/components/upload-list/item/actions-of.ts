import type { UploadErrorCode, UploadItem } from '../../../core/index.ts'
import type { ItemAction } from '../../../i18n/messages.ts'

/** Errors that lie in the file itself: sending the same one again cannot help. */
const fileAtFault: ReadonlySet<UploadErrorCode> = new Set<UploadErrorCode>([
  'file-unreadable',
  'file-changed',
  'file-gone',
  'file-invalid-type',
  'file-too-large',
  'file-too-small',
  'already-exists',
])

/** What can be done with an item now, most helpful first. */
export function actionsOf(item: UploadItem): readonly ItemAction[] {
  switch (item.status) {
    case 'queued':
      return ['cancel']
    case 'preparing':
    case 'uploading':
      // Where a pause loses what was sent, it is a trap: cancel and start over say what they do.
      return item.canResume ? ['pause', 'cancel'] : ['cancel']
    case 'waiting':
      // Stored: it can be hastened, and no more be stopped.
      if (item.stored) return ['retry']
      return item.canResume ? ['retry', 'pause', 'cancel'] : ['retry', 'cancel']
    case 'paused':
      if (item.reason === 'needs-file') return ['chooseFile', 'cancel']
      if (item.reason === 'needs-permission') return ['continue', 'cancel']
      // Its upload is another tab's affair, and so is its end.
      if (item.reason === 'other-tab') return ['remove']
      return [item.canResume ? 'resume' : 'startOver', 'cancel']
    case 'processing':
      return []
    case 'error': {
      const { file, stored, step, error } = item
      // Of an earlier visit, and dead on the server: there is nothing left to send.
      const isLost = !file && !stored
      return isLost || (step !== 'confirm' && fileAtFault.has(error.code)) ? ['remove'] : ['retry', 'remove']
    }
    case 'canceled':
      return item.file ? ['retry', 'remove'] : ['remove']
    case 'success':
    case 'rejected':
    case 'remote':
      return ['remove']
  }
}
