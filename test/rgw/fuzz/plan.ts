/** One request of the fuzz: how to build it for a server, and how it is to be spoiled. */
import { form } from './form.ts'
import { multipart } from './multipart.ts'
import type { Mutation } from './mutations.ts'
import { mutation } from './mutations.ts'
import type { Random } from './random.ts'
import { random } from './random.ts'
import type { Recipe } from './recipe.ts'
import { requestKinds } from './requests.ts'
import { sdkCalls } from './sdk-calls.ts'

export interface Plan extends Recipe {
  readonly number: number
  /** Applied after signing, in order. */
  readonly mutations: readonly Mutation[]
}

type Kind = (random: Random, number: number) => Recipe

const weights: readonly (readonly [weight: number, kind: Kind])[] = [
  [34, form],
  [22, requestKinds.presigned],
  [12, requestKinds.signed],
  [9, requestKinds.read],
  [17, multipart],
  [6, sdkCalls],
]

/** The plan of a number; each number has a stream of chance of its own, so that one plan can be run alone. */
export function planOf(seed: number, number: number): Plan {
  const chance = random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b))
  let at = chance.below(weights.reduce((sum, [weight]) => sum + weight, 0))
  const kind = weights.find(([weight]) => (at -= weight) < 0)?.[1] ?? form
  const recipe = kind(chance, number)
  const count = recipe.kind.startsWith('sdk') || chance.chance(0.35) ? 0 : chance.chance(0.75) ? 1 : 2
  const mutations = Array.from({ length: count }, () =>
    mutation(chance, recipe.kind.startsWith('form') ? 'form' : 'request'),
  )
  return { ...recipe, number, mutations }
}
