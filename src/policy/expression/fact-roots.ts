import type { Device, Travel } from '../../domain/facts.ts'
import { Unavailable } from './unavailable.ts'
import type { World } from './world.ts'

const NO_DEVICE = new Unavailable('device')
const NO_DEVICE_KNOWN = new Unavailable('device.known')
const NO_DEVICE_TRUSTED = new Unavailable('device.trusted')
const NO_DEVICE_REPUTATION = new Unavailable('device.reputation')
const NO_TRAVEL = new Unavailable('travel')

/** `device` in an expression. */
export class DeviceRoot {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  get id(): string {
    return this.#device.id
  }

  get known(): boolean {
    return available(this.#world.facts().deviceKnown, NO_DEVICE_KNOWN)
  }

  get trusted(): boolean {
    return available(this.#device.trusted, NO_DEVICE_TRUSTED)
  }

  get reputation(): number {
    return available(this.#device.reputation, NO_DEVICE_REPUTATION)
  }

  get #device(): Device {
    return available(this.#world.facts().device, NO_DEVICE)
  }
}

/** `travel` in an expression. */
export class TravelRoot {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  get distance_km(): number {
    return this.#travel.distanceKm
  }

  get speed_kmh(): number {
    return this.#travel.speedKmh
  }

  get country_changed(): boolean {
    return this.#travel.countryChanged
  }

  get #travel(): Travel {
    return available(this.#world.facts().travel, NO_TRAVEL)
  }
}

/** A fact, or the error that makes its reader undecided. */
export function available<T>(fact: T | undefined, missing: Unavailable): T {
  if (fact === undefined) throw missing
  return fact
}
