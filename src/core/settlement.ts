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
  /** Ends every wait: what is not over counts as canceled. */
  end(): void
}

/** Makes the bookkeeping. Each wait keeps the first end of each item: a later retry is a later wait's affair. */
export function createSettlement(): Settlement {
  const waits = new Set<(item: UploadItem, removed: boolean) => void>()
  const ends = new Set<() => void>()

  return {
    wait(items) {
      return new Promise((resolve) => {
        const outcome = { succeeded: [], failed: [], canceled: [], rejected: [] } satisfies Record<
          keyof UploadBatchOutcome,
          UploadItem[]
        >
        const pending = new Map<string, UploadItem>()
        const finish = (): void => {
          waits.delete(note)
          ends.delete(end)
          resolve(outcome)
        }
        const settle = (item: UploadItem, group: keyof UploadBatchOutcome): void => {
          const list: UploadItem[] = outcome[group]
          list.push(item)
          pending.delete(item.id)
        }
        const note = (item: UploadItem, removed: boolean): void => {
          if (!pending.has(item.id)) return
          const group = groupOf[item.status] ?? (removed ? 'canceled' : undefined)
          if (group) settle(item, group)
          if (pending.size === 0) finish()
        }
        const end = (): void => {
          for (const item of pending.values()) settle(item, 'canceled')
          finish()
        }
        for (const item of items) pending.set(item.id, item)
        waits.add(note)
        ends.add(end)
        for (const item of items) note(item, false)
        if (items.length === 0) finish()
      })
    },
    note(item, removed = false) {
      for (const wait of waits) wait(item, removed)
    },
    end() {
      for (const end of ends) end()
    },
  }
}
