import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { describe, it } from 'node:test'
import { createLifecycle, type StopFailure, stopOnSignals } from '../../src/runtime/lifecycle.ts'
import { createPolicyStore } from '../../src/runtime/policy-store.ts'

describe('stopping', () => {
  it('ends the parts once each, the latest first', async () => {
    const stopped: string[] = []
    const lifecycle = createLifecycle(() => assert.fail('nothing fails here'))
    for (const name of ['telemetry', 'policy', 'grpc']) {
      lifecycle.started({ name, deadline: 1000, stop: () => void stopped.push(name) })
    }
    await Promise.all([lifecycle.stop(), lifecycle.stop()])
    assert.deepEqual(stopped, ['grpc', 'policy', 'telemetry'])
  })

  it('goes on past a part that hangs, throws or rejects', async () => {
    const failures: StopFailure[] = []
    const lifecycle = createLifecycle((failure) => failures.push(failure))
    const ended: string[] = []
    const STOPS = {
      good: () => void ended.push('good'),
      hangs: () => new Promise<void>(() => {}),
      throws: () => {
        throw new Error('thrown')
      },
      rejects: () => Promise.reject(new Error('rejected')),
    }
    for (const [name, stop] of Object.entries(STOPS)) lifecycle.started({ name, stop, deadline: 5 })
    assert.equal(await lifecycle.stop(), true)
    assert.deepEqual(ended, ['good'])
    assert.deepEqual(failures, [
      { name: 'rejects', reason: 'rejected' },
      { name: 'throws', reason: 'thrown' },
      { name: 'hangs', reason: 'not stopped within 5 ms' },
    ])
  })

  it('says how many records a part that failed has lost', async () => {
    const failures: StopFailure[] = []
    const lifecycle = createLifecycle((failure) => failures.push(failure))
    const stop = () => Promise.reject(new Error('full'))
    lifecycle.started({ name: 'well', deadline: 5, stop: () => {}, lost: () => assert.fail() })
    lifecycle.started({ name: 'record', deadline: 5, stop, lost: () => 3 })
    assert.equal(await lifecycle.stop(), false)
    assert.deepEqual(failures, [{ name: 'record', reason: 'full', lost: 3 }])
  })
})

describe('a signal', () => {
  class FakeProcess extends EventEmitter {
    exit(code: number) {
      this.emit('exit', code)
    }
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`${signal} stops everything and then exits with 0`, async () => {
      const process = new FakeProcess()
      const lifecycle = createLifecycle(() => {})
      const seen: string[] = []
      lifecycle.started({ name: 'part', deadline: 1000, stop: () => void seen.push('stopped') })
      stopOnSignals(
        process,
        lifecycle,
        (reason) => seen.push(reason),
        () => 0,
      )
      const exit = once(process, 'exit')
      process.emit(signal, signal)
      assert.deepEqual(await exit, [0])
      assert.deepEqual(seen, [signal, 'stopped'])
    })
  }

  it('exits with 1 when something was lost', async () => {
    const process = new FakeProcess()
    const lifecycle = { stop: async () => false }
    const time = () => 0
    stopOnSignals(process, lifecycle, () => {}, time)
    const exit = once(process, 'exit')
    process.emit('SIGTERM', 'SIGTERM')
    assert.deepEqual(await exit, [1])
  })

  it('that comes again exits with 1 at once, unless it is the same keystroke', () => {
    const process = new FakeProcess()
    let now = 0
    const exits: unknown[] = []
    process.on('exit', (code) => exits.push(code))
    const { promise, resolve } = Promise.withResolvers<boolean>()
    stopOnSignals(
      process,
      { stop: () => promise },
      () => {},
      () => now,
    )
    process.emit('SIGINT', 'SIGINT')
    process.emit('SIGINT', 'SIGINT')
    assert.deepEqual(exits, [])
    now = 1000
    process.emit('SIGTERM', 'SIGTERM')
    assert.deepEqual(exits, [1])
    resolve(true)
  })
})

describe('the policy store', () => {
  it('keeps the last good policy, and why a newer one is not live', () => {
    const store = createPolicyStore<string>()
    assert.deepEqual([store.current(), store.rejection()], [null, null])
    store.reject({ issues: [], at: 1 })
    assert.deepEqual([store.current(), store.rejection()], [null, { issues: [], at: 1 }])
    store.accept('one')
    assert.deepEqual([store.current(), store.rejection()], ['one', null])
    store.reject({ issues: [], at: 2 })
    store.reject({ issues: [], at: 3 })
    assert.deepEqual([store.current(), store.rejection()], ['one', { issues: [], at: 3 }])
  })
})
