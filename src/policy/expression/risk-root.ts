import type { World } from './world.ts'

/** `risk` in an expression: only thresholds can be asked for, so that more risk can only ever tighten. */
export class RiskRoot {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  at_least(level: string): boolean {
    return this.#world.riskAtLeast(level)
  }
}
