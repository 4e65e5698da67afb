import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { createDevice, type DeviceOptions } from '../../src/facts/device.ts'
import { ANONYMOUS, ada, requestWith } from './asking.ts'

type Headers = Parameters<typeof requestWith>[0]

const FROM: DeviceOptions['from'] = [{ claim: 'device' }]

function standing(
  options: Partial<DeviceOptions>,
  claims: Record<string, unknown>,
  headers: Headers = {},
): [trusted: boolean | undefined, reputation: number | undefined] {
  const device = createDevice({ from: FROM, trusted: null, reputation: null, ...options })
  const { trusted, reputation } = device(requestWith(headers), ada({ claims }))
  return [trusted, reputation]
}

suite('how a device stands', () => {
  test('nobody can say when nothing is configured', () => {
    const device = createDevice({ from: FROM, trusted: null, reputation: null })
    assert.deepEqual(device(requestWith(), ada({ claims: { device: 'd' } })), { id: 'd' })
  })

  const claimed: [unknown, boolean | undefined, number | undefined][] = [
    [true, true, undefined],
    [false, false, undefined],
    [undefined, false, 0],
    [80, undefined, 80],
    [0, undefined, 0],
    [100, undefined, 100],
    [99.5, undefined, 99.5],
    [100.5, undefined, undefined],
    [-1, undefined, undefined],
    [Number.NaN, undefined, undefined],
    ['true', undefined, undefined],
    ['80', undefined, undefined],
    [null, undefined, undefined],
    [[true], undefined, undefined],
  ]
  for (const [said, ...expected] of claimed) {
    test(`the claim ${JSON.stringify(said)}`, () => {
      const source = { claim: 'said' }
      const options = { trusted: source, reputation: source }
      assert.deepEqual(standing(options, { device: 'd', said }), expected)
    })
  }

  const sent: [string | string[] | undefined, boolean | undefined, number | undefined][] = [
    ['true', true, undefined],
    ['false', false, undefined],
    [undefined, false, 0],
    ['80', undefined, 80],
    ['007', undefined, 7],
    ['12.5', undefined, 12.5],
    ['101', undefined, undefined],
    ['1e1', undefined, undefined],
    ['-0', undefined, undefined],
    [' 80', undefined, undefined],
    ['True', undefined, undefined],
    ['1', undefined, 1],
    ['', undefined, undefined],
    ['true,true', undefined, undefined],
    [['true', 'true'], undefined, undefined],
  ]
  for (const [said, ...expected] of sent) {
    test(`the header ${JSON.stringify(said)}`, () => {
      const source = { header: 'x-said' }
      const headers = said === undefined ? {} : { 'x-said': said }
      const options = { trusted: source, reputation: source }
      assert.deepEqual(standing(options, { device: 'd' }, headers), expected)
    })
  }

  test('no device is neither trusted nor reputable, whoever says so', () => {
    const options = { trusted: { claim: 'said' }, reputation: { header: 'x-said' } }
    assert.deepEqual(standing(options, { said: true }, { 'x-said': '100' }), [false, 0])
    const device = createDevice({ from: FROM, ...options })
    assert.deepEqual(device(requestWith(), ANONYMOUS), { id: '', trusted: false, reputation: 0 })
  })
})
