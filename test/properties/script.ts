/** What a run of the engine is made of: a world, settings, commands at moments, troubles. Types only. */
import type { Ban, Fault, Moment, Operation } from '../support/model-s3-faults.ts'
import type { ModelOptions } from '../support/model-s3.ts'

/**
 * Whom a command means: the n-th item of the list (counted on from the first again), all, or the one whose request was
 * waited for.
 */
export type Which = number | 'all' | 'it'

/** What a user or an app does. */
export type Command =
  | { readonly do: 'add'; readonly sizes: readonly number[] }
  | { readonly do: 'pause' | 'resume' | 'cancel' | 'retry' | 'remove'; readonly which: Which }
  | { readonly do: 'retryAll' | 'start' }
  | { readonly do: 'prioritize'; readonly which: Which; readonly preempt: boolean }
  | { readonly do: 'rename' | 'options'; readonly which: Which }
  | { readonly do: 'concurrency'; readonly to: number }
  /** The line is down for so many milliseconds; `admits`: the browser says so. */
  | { readonly do: 'offline'; readonly for: number; readonly admits: boolean }
  /**
   * The page is loaded anew, or only its uploader is made anew; the files are given again at once, or at the end, a wrong
   * one before, or added anew.
   */
  | {
      readonly do: 'reload'
      readonly remakes: boolean
      readonly attach: 'now' | 'later' | 'after a wrong one' | 'by adding'
    }

/** The next time that a request of this kind gets so far. */
export interface When {
  readonly operation: Operation
  readonly moment: Moment
}

/** A command, and what is waited for before it. */
export interface Step {
  /** Milliseconds, or a moment; one that does not come is not waited for for ever. */
  readonly after: number | When
  readonly command: Command
}

/** Settings of the uploader. */
export interface ScriptSettings {
  readonly concurrency: number
  /** `default`: the engine's own number of tries. */
  readonly retry: 'default' | 'always'
  readonly autoStart: boolean
  readonly beforeUpload: 'none' | 'slow' | 'vetoes'
  /** Is there a memory of unfinished uploads? */
  readonly remembers: boolean
  readonly maxFiles: number | undefined
}

/** One run. */
export interface Script {
  readonly world: ModelOptions
  readonly settings: ScriptSettings
  readonly steps: readonly Step[]
  readonly faults: readonly Fault[]
  readonly bans: readonly Ban[]
  /** What becomes of items that the user has paused, once all else is silent. */
  readonly ending: 'resume' | 'cancel' | 'remove'
}
