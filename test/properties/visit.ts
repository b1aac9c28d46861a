/** One life of a page: its uploader, watched from outside. */
import { vi } from 'vitest'

import { createUploader } from '../../src/core/index.ts'
import type { HttpTransport, UploadItem, Uploader } from '../../src/core/index.ts'
import type { ResumeStore } from '../../src/core/resume/types.ts'
import { InstantFile } from '../support/model-s3-file.ts'
import type { ModelS3 } from '../support/model-s3.ts'
import type { Defect } from './defects.ts'
import type { Judge } from './judge.ts'
import type { Script } from './script.ts'
import { turn } from './virtual-time.ts'

/** See {@link visitPage}. */
export interface Visit {
  readonly uploader: Uploader
  /** Closes the page, in the middle of whatever is going on. */
  leave(): Promise<void>
}

/** What a visit needs. */
export interface VisitContext {
  script: Script
  model: ModelS3
  judge: Judge
  defect: Defect
  store: ResumeStore | false
  concurrency: number
}

/** Opens the page. */
export function visitPage({ script, model, judge, defect, store, concurrency }: VisitContext): Visit {
  const { settings } = script
  let isOver = false

  const watched: HttpTransport = {
    send(request, options) {
      if (isOver) judge.object(`a request was begun after destroy(): ${request.method} ${request.url}`)
      return model.network.transport.send(request, options)
    },
  }
  const beforeUpload = async (item: UploadItem): Promise<{ veto: string } | undefined> => {
    await new Promise<void>((resolve) => model.network.later(500, resolve))
    const index = item.file instanceof InstantFile ? item.file.index : -1
    return settings.beforeUpload === 'vetoes' && index % 3 === 2 ? { veto: 'not this one' } : undefined
  }

  const made = createUploader({
    backend: (defect.backend ?? same)(model.backend),
    transport: (defect.transport ?? same)(watched),
    line: model.network.line,
    resume: store && (defect.store ?? same)(store),
    concurrency,
    autoStart: settings.autoStart,
    maxFiles: settings.maxFiles,
    onStatus: (item) => judge.moved(item),
    onUnauthorized: () => new Promise((resolve) => model.network.later(1000, () => resolve(true))),
    ...(settings.retry === 'always' && { retry: true }),
    ...(settings.beforeUpload !== 'none' && { beforeUpload }),
  })
  const uploader = (defect.uploader ?? same)(made)
  const lookAway = judge.watch(uploader)

  return {
    uploader,
    async leave() {
      model.network.leave()
      isOver = true
      lookAway()
      uploader.destroy()
      model.network.leave()
      await turn()
      const left = vi.getTimerCount() - model.network.timers()
      if (left > 0) judge.object(`${left} timers are left after destroy()`)
    },
  }
}

const same = <T>(value: T): T => value
