import assert from 'node:assert/strict'
import type { SecurityEvent } from '../../src/domain/security-event.ts'
import type { SetResult } from '../../src/shared-signals/receive.ts'
import type { Stream } from '../../src/shared-signals/stream.ts'
import { receiveWorld } from './receive-world.ts'

/** What a SET comes to: events that count from now on, or none. */
export type Effect = SecurityEvent | readonly SecurityEvent[] | SetResult

/** The SET is acknowledged in any case, and counted once; what comes to no event changes nothing. */
export async function expectEffect(
  stream: Partial<Stream>,
  set: string,
  effect: Effect,
  type: string,
): Promise<void> {
  await using world = receiveWorld(stream)
  assert.deepEqual(await world.receive(set), { kind: 'accepted' })
  const isEvent = typeof effect !== 'string'
  const changes = isEvent ? [effect].flat() : []
  assert.deepEqual(world.changes, changes)
  assert.deepEqual(
    world.reports.map(({ type: label, result, id, applied }) => [label, result, id, applied]),
    [[type, isEvent ? 'applied' : effect, 'set-1', changes]],
  )
  const isForgotten = effect === 'ignored' && type !== 'other'
  assert.deepEqual(world.forgotten, isForgotten ? ['idp ada'] : [])
}
