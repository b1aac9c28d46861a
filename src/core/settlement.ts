import type { UploadBatchOutcome, UploadItem, UploadStatus } from './types.ts'

const groupOf: { readonly [S in UploadStatus]?: keyof UploadBatchOutcome } = {
  success: 'succeeded',
  remote: 'succeeded',
  error: 'failed',
  canceled: 'canceled',
  rejected: 'rejected',
}

/** Has the item come to an end, until the user says otherwise? */
export const isOver = (item: UploadItem): boolean => groupOf[item.status] !== undefined

/** Promises that wait for items to be over. */
export interface Settlement {
  /** Resolves when all of these are over. */
  wait(items: readonly UploadItem[]): Promise<UploadBatchOutcome>
  /** An item changed, or was taken off the list (which counts as canceled). */
  note(item: UploadItem, removed?: boolean): void
  /** Ends every wait, later ones too: what is not over counts as canceled. */
  end(): void
}

/** Makes the bookkeeping. Each wait keeps the first end of each item: a later retry is a later wait's affair. */
export function createSettlement(): Settlement {
  /** Each takes an item's news, and what it counts as where its status is no end; without an item: all that is left. */
  const waits = new Set<(item?: UploadItem, group?: keyof UploadBatchOutcome) => void>()
  let last: 'canceled' | undefined

  return {
    wait(items) {
      return new Promise((resolve) => {
        const outcome = { succeeded: [], failed: [], canceled: [], rejected: [] } satisfies Record<
          keyof UploadBatchOutcome,
          UploadItem[]
        >
        const pending = new Map(items.map((item) => [item.id, item]))
        const note = (news?: UploadItem, otherwise?: keyof UploadBatchOutcome): void => {
          for (const item of news ? [news] : pending.values()) {
            const group = groupOf[item.status] ?? otherwise
            if (!group || !pending.delete(item.id)) continue
            const list: UploadItem[] = outcome[group]
            list.push(item)
          }
          if (pending.size > 0) return
          waits.delete(note)
          resolve(outcome)
        }
        waits.add(note)
        note(undefined, last)
      })
    },
    note(item, removed) {
      // Most changes end nothing, and there may be a wait per file.
      if (removed || isOver(item)) for (const wait of waits) wait(item, 'canceled')
    },
    end() {
      last = 'canceled'
      for (const wait of waits) wait(undefined, last)
    },
  }
}
