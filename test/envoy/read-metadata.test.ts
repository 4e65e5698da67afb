import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import type { FilterMetadata } from '../../src/domain/access-request.ts'
import { decodeCheckRequest } from '../../src/envoy/codec.ts'
import { readRequest } from '../../src/envoy/read.ts'
import { JWT_AUTHN, SETTINGS } from './read-support.ts'
import { encodeOfficial, PLAIN } from './support.ts'

/** What is read of metadata in Envoy's own bytes. */
function metadataOf(metadata: object, namespaces: readonly string[] = [JWT_AUTHN]): FilterMetadata {
  const check = encodeOfficial({
    attributes: { request: { http: PLAIN }, metadata_context: { filter_metadata: metadata } },
  })
  const settings = { ...SETTINGS, metadataNamespaces: namespaces }
  const result = readRequest(decodeCheckRequest(check), settings)
  return result.kind === 'request' ? result.request.metadata : assert.fail(result.reason)
}

/** As `google.protobuf.Value` in the words of the proto loader. */
function value(json: unknown): object {
  if (json === null) return { nullValue: 0 }
  if (Array.isArray(json)) return { listValue: { values: json.map(value) } }
  if (typeof json === 'object') return { structValue: struct(json) }
  if (typeof json === 'number') return { numberValue: json }
  return typeof json === 'boolean' ? { boolValue: json } : { stringValue: json }
}

function struct(json: object): object {
  const fields = Object.entries(json).map(([name, each]) => [name, value(each)])
  return { fields: Object.fromEntries(fields) }
}

function nested(depth: number): unknown {
  return depth === 0 ? 'core' : depth % 2 === 0 ? [nested(depth - 1)] : { a: nested(depth - 1) }
}

suite('metadata', () => {
  test('is the plain JSON that a filter left', () => {
    const payload = {
      iss: 'https://idp.example.com',
      aud: ['a', 'b'],
      exp: 1_800_000_000.5,
      zero: 0,
      no: false,
      empty: '',
      nothing: null,
      none: [],
      deep: { realm_access: { roles: ['x'] } },
    }
    const read = metadataOf({ [JWT_AUTHN]: struct({ payload, status: { code: 5 } }) })
    assert.deepEqual(JSON.parse(JSON.stringify(read.get(JWT_AUTHN))), {
      payload,
      status: { code: 5 },
    })
  })

  test('of filters that nobody asked for is not there, nor of those that sent none', () => {
    const other = { other: struct({ a: 1 }), [JWT_AUTHN]: struct({}) }
    assert.deepEqual([...metadataOf(other).keys()], [JWT_AUTHN])
    assert.deepEqual([...metadataOf(other, []).keys()], [])
    assert.deepEqual([...metadataOf({}, ['constructor', '__proto__', JWT_AUTHN]).keys()], [])
  })

  test('has no prototypes: every name is a name like any other', () => {
    const inner = struct({ ['__proto__']: { admin: true }, constructor: 'c' })
    const read = metadataOf({ [JWT_AUTHN]: { fields: { payload: { structValue: inner } } } })
    const payload = read.get(JWT_AUTHN)?.payload as Record<string, unknown>
    assert.equal(Object.getPrototypeOf(payload), null)
    assert.equal(payload.admin, undefined)
    assert.deepEqual(Object.keys(payload).toSorted(), ['__proto__', 'constructor'])
  })

  const bounds: [string, object, boolean][] = [
    ['20 deep', { a: nested(19) }, true],
    ['21 deep', { a: nested(20) }, false],
    ['24 deep', { a: nested(23) }, false],
    ['2,000 values', { a: Array(1999).fill(0) }, true],
    ['2,001 values', { a: Array(2000).fill(0) }, false],
    ['64 Ki characters', { a: 'x'.repeat(65_535) }, true],
    ['a character more', { a: 'x'.repeat(65_536) }, false],
    ['a long name', { ['x'.repeat(65_537)]: 1 }, false],
  ]
  for (const [name, json, fits] of bounds) {
    test(`${name}: ${fits ? 'read' : 'too much'}`, () => {
      const read = metadataOf({ [JWT_AUTHN]: struct(json) })
      assert.deepEqual([read.has(JWT_AUTHN), read.get(JWT_AUTHN) !== null], [true, fits])
    })
  }
})
