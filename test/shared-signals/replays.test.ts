import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { SecurityEvent } from '../../src/domain/security-event.ts'
import { NOW } from '../identity/tokens.ts'
import { receiveWorld } from './receive-world.ts'
import { CAEP, RISC, SSF, ADA as SUBJECT, setOf } from './sets.ts'

const ADA = { issuer: 'idp', id: 'ada' }
const disabled = (at: number, jti: string) =>
  setOf(`${RISC}account-disabled`, { event_timestamp: at }, { jti })
const enabled = (at: number, jti: string) =>
  setOf(`${RISC}account-enabled`, { event_timestamp: at }, { jti })
const revoked = (at: number, jti: string) =>
  setOf(`${CAEP}session-revoked`, { event_timestamp: at }, { jti })

const results = (world: ReturnType<typeof receiveWorld>) =>
  world.reports.map(({ result }) => result)

describe('SETs that come again, late, or in another order', () => {
  it('a replay changes nothing, is counted, and is acknowledged', async () => {
    await using world = receiveWorld()
    for (let i = 0; i < 3; i++)
      assert.equal((await world.receive(disabled(NOW - 60, 'a'))).kind, 'accepted')
    assert.deepEqual(results(world), ['applied', 'replayed', 'replayed'])
    assert.equal(world.changes.length, 1)
  })

  it('a replayed `enabled` does not undo a later `disabled`, with whatever time it came', async () => {
    for (const time of [NOW - 60, NOW + 1000, NOW * 1000 + 86_400_000]) {
      await using world = receiveWorld()
      const again = setOf(
        `${RISC}account-enabled`,
        { event_timestamp: time },
        { jti: 'a', iat: NOW - 50 },
      )
      await world.receive(again)
      await world.receive(disabled(NOW - 30, 'b'))
      world.now += 60_000
      await world.receive(again)
      assert.equal(world.standings.isDisabled(ADA), true)
      assert.deepEqual(results(world), ['applied', 'applied', 'replayed'])
    }
  })

  it('a transmitter whose clock is ahead is believed in its own time, whenever its SETs come', async () => {
    await using world = receiveWorld()
    const ahead = (type: string, at: number, jti: string) => setOf(type, {}, { iat: at, jti })
    const enabledFirst = ahead(`${RISC}account-enabled`, NOW + 50, 'a')
    await world.receive(enabledFirst)
    await world.receive(ahead(`${RISC}account-disabled`, NOW + 55, 'b'))
    world.now += 30_000
    await world.receive(enabledFirst)
    assert.equal(world.standings.isDisabled(ADA), true)
    await world.receive(ahead(`${CAEP}session-revoked`, NOW + 80, 'c'))
    assert.equal(world.standings.isRevoked(ADA, { authTime: NOW + 75 }), true)
    assert.equal(world.standings.isRevoked(ADA, { authTime: NOW + 81 }), false)
  })

  it('what is later counts, in any order of arrival', async () => {
    const sets = [disabled(NOW - 60, 'a'), enabled(NOW - 50, 'b'), disabled(NOW - 40, 'c')]
    const orders = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
      [2, 0, 1],
    ]
    for (const order of orders) {
      await using world = receiveWorld()
      for (const at of order) await world.receive(sets[at] ?? '')
      assert.equal(world.standings.isDisabled(ADA), true, String(order))
    }
  })

  it('of two at the same time the stricter one counts', async () => {
    for (const sets of [
      [disabled(NOW - 60, 'a'), enabled(NOW - 60, 'b')],
      [enabled(NOW - 60, 'b'), disabled(NOW - 60, 'a')],
    ]) {
      await using world = receiveWorld()
      for (const set of sets) await world.receive(set)
      assert.equal(world.standings.isDisabled(ADA), true)
    }
  })

  it('an event that is older than what is known is superseded', async () => {
    await using world = receiveWorld()
    await world.receive(revoked(NOW - 30, 'b'))
    await world.receive(revoked(NOW - 60, 'a'))
    assert.deepEqual(results(world), ['applied', 'superseded'])
  })

  it('an event that could not be kept comes again, and is no replay then', async () => {
    let isDown = true
    const tell = async () => {
      if (isDown) throw new Error('the store is down')
      return 'applied' as const
    }
    await using world = receiveWorld({}, { tell })
    assert.deepEqual(await world.receive(disabled(NOW - 60, 'a')), { kind: 'retry' })
    isDown = false
    assert.deepEqual(await world.receive(disabled(NOW - 60, 'a')), { kind: 'accepted' })
    assert.deepEqual(
      world.reports.map(({ result, reason }) => [result, reason]),
      [
        ['failed', 'the store is down'],
        ['applied', null],
      ],
    )
  })

  it('a SET of several events is acknowledged once all of them are kept, and each is told once', async () => {
    const kept: SecurityEvent[] = []
    let room = 1
    const tell = async (event: SecurityEvent) => {
      if (kept.some((one) => isDeepStrictEqual(one, event))) return 'superseded' as const
      if (kept.length === room) throw new Error('the store is down')
      kept.push(event)
      return 'applied' as const
    }
    await using world = receiveWorld({}, { tell })
    const identifiers = ['ada', 'bob', 'eve'].map((sub) => ({ ...SUBJECT, sub }))
    const set = setOf(`${RISC}account-disabled`, {}, { sub_id: { format: 'aliases', identifiers } })
    const receipts = []
    for (; room <= 4; room++) receipts.push((await world.receive(set)).kind)
    assert.deepEqual(receipts, ['retry', 'retry', 'accepted', 'accepted'])
    assert.deepEqual(
      world.reports.map(({ result, applied }) => [result, applied]),
      [
        ['failed', [kept[0]]],
        ['failed', [kept[1]]],
        ['applied', [kept[2]]],
        ['replayed', []],
      ],
    )
  })

  it('a SET of which anything is news counts as applied', async () => {
    await using world = receiveWorld()
    await world.receive(disabled(NOW - 30, 'a'))
    const identifiers = [SUBJECT, { ...SUBJECT, sub: 'bob' }]
    const sub_id = { format: 'aliases', identifiers }
    const of = (jti: string) =>
      setOf(`${RISC}account-disabled`, { event_timestamp: NOW - 60 }, { jti, sub_id })
    await world.receive(of('b'))
    await world.receive(of('c'))
    assert.deepEqual(results(world), ['applied', 'applied', 'superseded'])
    assert.deepEqual(
      world.reports.map(({ applied }) => applied.length),
      [1, 1, 0],
    )
  })

  it('nothing is lost where replays cannot be told', async () => {
    const useOnce = () => Promise.reject(new Error('no room'))
    await using world = receiveWorld({}, { useOnce })
    await world.receive(disabled(NOW - 60, 'a'))
    await world.receive(disabled(NOW - 60, 'a'))
    assert.deepEqual(results(world), ['applied', 'superseded'])
  })

  it('the same id of another transmitter is no replay', async () => {
    const used = new Set<string>()
    const useOnce = ({ name }: { name: string }) => used.size < used.add(name).size
    for (const issuer of ['https://a.example', 'https://b.example']) {
      await using world = receiveWorld({ issuer }, { useOnce })
      await world.receive(setOf(`${RISC}account-disabled`, {}, { iss: issuer }))
      assert.deepEqual(results(world), ['applied'])
    }
  })

  it('a revocation by the future’s clock does not keep later logins out', async () => {
    await using world = receiveWorld()
    await world.receive(revoked(NOW + 86_400, 'a'))
    const login = (authTime: number) => world.standings.isRevoked(ADA, { authTime })
    assert.deepEqual([login(NOW - 20), login(NOW + 1)], [true, false])
  })

  it('a sign of life tells the state that the transmitter was asked to send', async () => {
    await using world = receiveWorld()
    await world.receive(setOf(`${SSF}verification`, { state: 'abc' }))
    assert.equal(world.reports[0]?.state, 'abc')
  })
})
