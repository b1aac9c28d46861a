/** Plays a script on the engine, to its end, and says what broke an invariant on the way. */
import { vi } from 'vitest'

import type { Uploader } from '../../src/core/index.ts'
import { memoryResumeStore } from '../../src/core/resume/memory.ts'
import type { ResumeRecord, ResumeStore } from '../../src/core/resume/types.ts'
import { InstantFile } from '../support/model-s3-file.ts'
import { createModelS3 } from '../support/model-s3.ts'
import type { ModelS3 } from '../support/model-s3.ts'
import type { Defect } from './defects.ts'
import { createJudge } from './judge.ts'
import type { Judge } from './judge.ts'
import type { Command, Script, Which } from './script.ts'
import { pass, beginAnew, silence, turn } from './virtual-time.ts'
import { visitPage } from './visit.ts'
import type { Visit } from './visit.ts'

/** What came of a run. */
export interface Outcome {
  /** Broken invariants, in words. */
  readonly violations: readonly string[]
  /** What was done and sent, in order, with milliseconds. */
  readonly log: readonly string[]
}

/** Milliseconds in which everything must have become silent: any backoff and any stall many times over. */
const patience = 6 * 60 * 60 * 1000

/** Milliseconds after which a moment is not waited for any more. */
const longestWait = 100_000

/** Plays the script. Needs virtual time. */
export async function play(script: Script, defect: Defect = {}): Promise<Outcome> {
  beginAnew()
  const concurrency = { now: script.settings.concurrency }
  const model = createModelS3(script.world, { ...script, now: Date.now, concurrency: () => concurrency.now })
  const records = new Map<string, ResumeRecord>()
  const judge = createJudge(model, script)
  const rejected = (reason: unknown): void => judge.object(`a rejection nobody handles: ${String(reason)}`)
  process.on('unhandledRejection', rejected)
  vi.stubGlobal('reportError', (error: unknown) => judge.object(`the engine reports: ${String(error)}`))
  try {
    const player = createPlayer({ script, model, records, judge, concurrency, defect })
    for (const { after, command } of script.steps) {
      const whose =
        typeof after === 'number' ? undefined : model.network.watchFor(after.operation, after.moment)
      if (typeof after === 'number') await pass(after)
      else await pass(longestWait, () => whose?.() !== undefined)
      await player.run(command, whose?.())
    }
    await player.end()
  } catch (error) {
    judge.object(
      `the run broke off: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )
  } finally {
    process.off('unhandledRejection', rejected)
  }
  return { violations: [...new Set([...judge.objections(), ...model.violations])], log: model.log }
}

interface PlayerContext {
  script: Script
  model: ModelS3
  records: Map<string, ResumeRecord>
  judge: Judge
  concurrency: { now: number }
  defect: Defect
}

function createPlayer({ script, model, records, judge, concurrency, defect }: PlayerContext) {
  const files: InstantFile[] = []
  const openStore = (): ResumeStore => memoryResumeStore({ records, now: Date.now })
  let memory = openStore()
  const visit = (): Visit => {
    const store = script.settings.remembers && memory
    return visitPage({ script, model, judge, defect, store, concurrency: concurrency.now })
  }
  let page = visit()
  let renames = 0

  const fileOf = (id: string): InstantFile | undefined => files[judge.fileOf(id) ?? -1]
  const chosen = (which: Which, it: string | undefined): readonly string[] => {
    const ids = page.uploader.getIds()
    if (which === 'all') return ids
    return ids.filter((id, at) => (which === 'it' ? id === it : at === which % ids.length))
  }
  const attachAll = async (uploader: Uploader): Promise<void> => {
    for (const item of uploader.getItems()) {
      const file = fileOf(item.id)
      if (item.status !== 'paused' || item.file || !file) continue
      const attached = uploader.attach(item.id, file)
      await turn()
      judge.promises.expect(`attach of ${item.id}`, attached)
    }
  }

  const addAgain = (uploader: Uploader): void => {
    const lost = uploader.getItems().filter(({ status, file }) => status === 'paused' && !file)
    uploader.add(lost.flatMap(({ id }) => fileOf(id) ?? []))
  }

  const run = async (command: Command, it?: string): Promise<void> => {
    const { uploader } = page
    judge.say(command)
    switch (command.do) {
      case 'add': {
        const added = command.sizes.map((size, at) => new InstantFile(files.length + at, size))
        files.push(...added)
        const items = uploader.add(added, { options: { made: 'by add' } })
        judge.added(items)
        const ids = items.map(({ id }) => id)
        judge.promises.expectOnceOver(ids, uploader.whenSettled(ids))
        return turn()
      }
      case 'pause':
      case 'resume':
      case 'cancel':
      case 'retry':
      case 'remove': {
        const before = uploader.getIds()
        uploader[command.do](command.which === 'all' ? undefined : chosen(command.which, it))
        judge.removed(before.filter((one) => !uploader.getIds().includes(one)))
        return turn()
      }
      case 'retryAll':
      case 'start':
        uploader[command.do]()
        return turn()
      case 'prioritize':
        uploader.prioritize(chosen(command.which, it), command)
        return turn()
      case 'rename':
      case 'options':
        for (const id of chosen(command.which, it))
          if (command.do === 'rename') uploader.rename(id, `renamed-${++renames}`)
          else uploader.setItemOptions(id, { made: `at ${Date.now()}` })
        return turn()
      case 'concurrency':
        concurrency.now = command.to
        uploader.setOptions({ concurrency: command.to })
        return turn()
      case 'offline':
        model.network.cut(command.for, command.admits)
        return turn()
      case 'reload': {
        judge.reloading(records)
        await page.leave()
        // A page that is gone holds no locks; an uploader that was destroyed has to give them back.
        if (!command.remakes) memory = openStore()
        page = visit()
        const restored = page.uploader.restore()
        await turn()
        judge.promises.expect('restore', restored)
        judge.restored(page.uploader, records)
        if (command.attach === 'after a wrong one') {
          for (const { id, size } of page.uploader.getItems()) {
            const wrong = page.uploader.attach(id, new InstantFile(99, size || 1))
            judge.promises.expect(`attach of a wrong file to ${id}`, wrong)
          }
          await turn()
          judge.nothingTaken(page.uploader)
        }
        if (command.attach === 'by adding') addAgain(page.uploader)
        else if (command.attach !== 'later') await attachAll(page.uploader)
        return turn()
      }
    }
  }

  const settle = async (when: string): Promise<void> => {
    if (!(await silence(patience)))
      judge.object(`${when}: there is still a timer after ${patience / 3_600_000} hours`)
    judge.silent(page.uploader, when)
  }

  return {
    run,
    /** Waits for silence, lifts what does not pass by itself, lets the user do the rest, and closes the page. */
    async end(): Promise<void> {
      page.uploader.start()
      await settle('by itself')
      model.lift()
      page.uploader.retryAll()
      await settle('after retryAll')
      judge.allDone(page.uploader, 'after retryAll')
      if (script.ending === 'resume') {
        await attachAll(page.uploader)
        page.uploader.resume()
      } else {
        const paused = page.uploader.getIds('paused')
        page.uploader[script.ending](paused)
        if (script.ending === 'remove') judge.removed(paused)
      }
      await settle('at the end')
      // What was refused ahead of its turn is told when its turn comes, however late.
      page.uploader.retryAll()
      await settle('after the last retryAll')
      judge.allDone(page.uploader, 'at the end')
      if (script.ending === 'resume' && page.uploader.getIds('paused').length)
        judge.object('something is still paused')
      await page.leave()
      judge.final(records)
    },
  }
}
