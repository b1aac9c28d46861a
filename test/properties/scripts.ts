/** Scripts by chance. */
import {
  array,
  boolean,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  option,
  record,
  tuple,
} from 'fast-check'
import type { Arbitrary } from 'fast-check'

import { isOneShot, troublesOf } from '../support/model-s3-faults.ts'
import type { Ban, Fault, Operation } from '../support/model-s3-faults.ts'
import type { ModelOptions } from '../support/model-s3.ts'
import type { Command, Script, ScriptSettings, Step, When } from './script.ts'

/** What a property leaves out. */
export interface Scope {
  bans: boolean
  reloads: boolean
}

const partSize = 64
const size = constantFrom(0, 1, 63, 64, 65, 128, 200, 300)

const worlds = ({ reloads }: Scope): Arbitrary<ModelOptions> =>
  record({
    whole: constantFrom('post', 'put', 'post-unknown'),
    hosts: constantFrom(1, 2),
    partSize: constant(partSize),
    partsFrom: constantFrom(100, Infinity, 1, 0),
    life: constantFrom(3600, 60),
    abortRemoves: boolean(),
    completedTwice: constantFrom('success', 'NoSuchUpload'),
    etags: constantFrom('shown', 'hidden'),
    createOnly: boolean(),
    batchSize: constantFrom(50, 1, 3),
    signsAhead: boolean(),
    control: constantFrom('signer', 'store', 'direct'),
    probes: boolean(),
    lists: boolean(),
    confirms: boolean(),
    tells: boolean(),
    signsFew: boolean(),
    says: constantFrom('ask', 'list'),
    reloads: constant(reloads),
    latencies: array(constantFrom(1, 5, 40, 300, 3000), { minLength: 1, maxLength: 7 }),
  } as const).map((drawn) => ({
    ...drawn,
    // What a backend must be able to do where its store leaves it in the dark (see `ports.ts`).
    probes: drawn.probes || drawn.completedTwice === 'NoSuchUpload' || drawn.createOnly || reloads,
    lists: drawn.lists || drawn.etags === 'hidden',
  }))

const settings: Arbitrary<ScriptSettings> = record({
  concurrency: constantFrom(6, 1, 2, 3),
  retry: constantFrom('default', 'always'),
  autoStart: oneof({ weight: 5, arbitrary: constant(true) }, { weight: 1, arbitrary: constant(false) }),
  beforeUpload: oneof(
    { weight: 4, arbitrary: constant('none' as const) },
    { weight: 1, arbitrary: constantFrom('slow' as const, 'vetoes' as const) },
  ),
  remembers: oneof({ weight: 4, arbitrary: constant(true) }, { weight: 1, arbitrary: constant(false) }),
  maxFiles: oneof({ weight: 6, arbitrary: constant(undefined) }, { weight: 1, arbitrary: constant(4) }),
})

const one = nat({ max: 5 })
const which = oneof(
  { weight: 3, arbitrary: one },
  { weight: 1, arbitrary: constant('all' as const) },
  { weight: 2, arbitrary: constant('it' as const) },
)
const add = record({ do: constant('add' as const), sizes: array(size, { minLength: 1, maxLength: 4 }) })

const simple = constantFrom(
  'pause' as const,
  'resume' as const,
  'cancel' as const,
  'retry' as const,
  'remove' as const,
)

const commands = (isPatient: boolean, { reloads }: Scope): Arbitrary<Command> => {
  const offline = record({
    do: constant('offline' as const),
    for: constantFrom(500, 20_000, 200_000),
    // Unadmitted, it costs tries.
    admits: isPatient ? boolean() : constant(true),
  })
  const reload = record({
    do: constant('reload' as const),
    remakes: boolean(),
    attach: constantFrom(
      'now' as const,
      'later' as const,
      'after a wrong one' as const,
      'by adding' as const,
    ),
  })
  return oneof(
    { weight: 4, arbitrary: add },
    { weight: 8, arbitrary: record({ do: simple, which }) },
    { weight: 1, arbitrary: record({ do: constantFrom('retryAll' as const, 'start' as const) }) },
    { weight: 2, arbitrary: record({ do: constant('prioritize' as const), which, preempt: boolean() }) },
    { weight: 2, arbitrary: record({ do: constantFrom('rename' as const, 'options' as const), which }) },
    {
      weight: 1,
      arbitrary: record({ do: constant('concurrency' as const), to: integer({ min: 1, max: 6 }) }),
    },
    { weight: 1, arbitrary: offline },
    ...(reloads ? [{ weight: 4, arbitrary: reload }] : []),
  )
}

const operations = (Object.keys(troublesOf) as (Operation | 'any')[]).filter((name) => name !== 'any')
const anything = Array.from({ length: 8 }, () => 'any' as const)
/** What most of a file's life is made of. */
const often: readonly Operation[] = ['post', 'put', 'part', 'post', 'put', 'part', 'create', 'complete']

const moment: Arbitrary<When> = record({
  operation: constantFrom(...often, ...operations),
  moment: constantFrom('begins' as const, 'has arrived' as const, 'is over' as const),
})

/** Commands just when something is under way, to the very file whose it is: where races are. */
const pointed: Arbitrary<Step> = record({
  after: moment,
  command: record({ do: simple, which: constant('it' as const) }),
})

const steps = (isPatient: boolean, scope: Scope): Arbitrary<Step[]> => {
  const after = oneof(constantFrom(0, 1, 7, 50, 400, 3000, 40_000), moment)
  const any = record({ after, command: commands(isPatient, scope) })
  const rest = array(oneof({ weight: 3, arbitrary: any }, { weight: 1, arbitrary: pointed }), {
    maxLength: 8,
  })
  return tuple(add, rest).map(([command, others]) => [{ after: 0, command }, ...others])
}

const fault: Arbitrary<Fault> = constantFrom(...often, ...operations, ...anything).chain((operation) =>
  record({
    operation: constant(operation),
    nth: nat({ max: operation === 'any' ? 20 : 4 }),
    trouble: constantFrom(...troublesOf[operation]),
  }),
)

/** A request that goes wrong, and a command to its very file just then. */
interface Mishap {
  readonly fault: Fault
  readonly step: Step
}

const mishap: Arbitrary<Mishap> = constantFrom(...often, ...operations).chain((operation) =>
  record({
    fault: record({
      operation: constant(operation),
      nth: nat({ max: 1 }),
      trouble: constantFrom(...troublesOf[operation]),
    }),
    step: record({
      after: constant({ operation, moment: 'is over' } as const),
      command: record({ do: simple, which: constant('it' as const) }),
    }),
  }),
)

const faults = (isPatient: boolean): Arbitrary<Fault[]> => array(fault, { maxLength: isPatient ? 7 : 2 })

/** As many as the rules on trying again get through, whomever they meet. */
function bearable(drawn: readonly Fault[]): Fault[] {
  const oneShot = drawn.find(({ trouble }) => isOneShot(trouble))
  return drawn.filter(
    (each, at) =>
      (each === oneShot || !isOneShot(each.trouble)) &&
      drawn.findIndex(({ operation, nth }) => operation === each.operation && nth === each.nth) === at,
  )
}

const ban: Arbitrary<Ban> = record({
  file: nat({ max: 3 }),
  at: constantFrom('create' as const, 'store' as const, 'confirm' as const),
})

/** Scripts within the scope. */
export function scripts(scope: Scope): Arbitrary<Script> {
  return settings.chain((drawn) => {
    const isPatient = drawn.retry === 'always'
    return record({
      world: worlds(scope),
      steps: steps(isPatient, scope),
      faults: faults(isPatient),
      mishap: option(mishap, { nil: undefined }),
      bans: scope.bans ? array(ban, { minLength: 1, maxLength: 3 }) : constant([]),
      ending: constantFrom('resume' as const, 'cancel' as const, 'remove' as const),
    }).map(({ mishap: drawnMishap, ...script }) => {
      const [first, ...rest] = script.steps
      return withEnoughLife({
        ...script,
        settings: drawn,
        steps: [...(first ? [first] : []), ...(drawnMishap ? [drawnMishap.step] : []), ...rest],
        faults: bearable([...(drawnMishap ? [drawnMishap.fault] : []), ...script.faults]),
      })
    })
  })
}

/** What lives for a minute does not outlive two requests in a row that say nothing for as long. */
function withEnoughLife(script: Script): Script {
  const stalls = script.faults.filter(({ trouble }) => trouble === 'stall' || trouble === 'stall-midway')
  return stalls.length < 2 ? script : { ...script, world: { ...script.world, life: 3600 } }
}
