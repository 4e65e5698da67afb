import type { World } from './world.ts'

/** The name under which compiled expressions find the counters; authors cannot write it. */
export const COUNTERS = 'counters'

/** What `rate` and `total` read. */
export class CountersRoot {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  read(name: string): number {
    return this.#world.counter(name)
  }
}
