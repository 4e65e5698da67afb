import assert from 'node:assert/strict'
import type { Schedule } from '../../src/identity/schedule.ts'

/** A clock, in milliseconds, and one timer; both move when the test says so. */
export function createTimers(start: number) {
  let now = start
  let armed: { readonly delay: number; readonly callback: () => void } | undefined
  const schedule: Schedule = (delay, callback) => {
    const mine = { delay, callback }
    armed = mine
    return () => {
      if (armed === mine) armed = undefined
    }
  }
  const tick = () => {
    const timer = armed ?? assert.fail('no timer is armed')
    armed = undefined
    now += timer.delay
    timer.callback()
  }
  const pass = (milliseconds: number) => {
    now += milliseconds
  }
  return { schedule, tick, pass, delay: () => armed?.delay, clock: () => now }
}
