import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeCheckResponse } from '../../src/envoy/codec.ts'
import type { CheckResponse, HeaderOption, Struct, Value } from '../../src/envoy/wire.ts'
import { decodeOfficial, type OfficialHeader, type OfficialValue } from './support.ts'

/** Short, long enough for lengths of two and three bytes, empty, and beyond ASCII. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom('', 'x'.repeat(127), 'x'.repeat(128), 'ü'.repeat(9_000), '💥'.repeat(5_000)),
)
const headers: fc.Arbitrary<HeaderOption[]> = fc.array(
  fc.record({
    header: fc.record({ key: text, value: text }),
    appendAction: fc.constant(2 as const),
  }),
  { maxLength: 6 },
)
const { struct } = fc.letrec<{ struct: Struct; value: Value }>((tie) => ({
  struct: fc.record({
    fields: fc.dictionary(text, tie('value'), { maxKeys: 4, noNullPrototype: true }),
  }),
  value: fc.oneof(
    { maxDepth: 3 },
    fc.record({ stringValue: text }),
    fc.record({ structValue: tie('struct') }),
  ),
}))
const responses: fc.Arbitrary<CheckResponse> = fc.oneof(
  fc.record({
    status: fc.constant({ code: 0 as const }),
    okResponse: fc.record({ headers, headersToRemove: fc.array(text, { maxLength: 5 }) }),
    dynamicMetadata: struct,
  }),
  fc.record({
    status: fc.record({ code: fc.constantFrom(7, 14, 16) }),
    deniedResponse: fc.record({
      status: fc.record({ code: fc.constantFrom(302, 400, 401, 403, 503) }),
      headers,
      body: text,
    }),
    dynamicMetadata: struct,
  }),
)

test('the official messages read every answer as it was meant', () => {
  fc.assert(
    fc.property(responses, (response) => {
      const read = decodeOfficial(encodeCheckResponse(response))
      assert.equal(read.status?.code, response.status.code)
      assert.deepEqual(plainStruct(read.dynamic_metadata), plainStruct(response.dynamicMetadata))
      if ('okResponse' in response) {
        assert.equal(read.http_response, 'ok_response')
        assert.deepEqual(
          plainHeaders(read.ok_response?.headers),
          meant(response.okResponse.headers),
        )
        assert.deepEqual(read.ok_response?.headers_to_remove, response.okResponse.headersToRemove)
      } else {
        const { status, headers: set, body } = response.deniedResponse
        assert.equal(read.http_response, 'denied_response')
        assert.equal(read.denied_response?.status.code, status.code)
        assert.deepEqual(plainHeaders(read.denied_response?.headers), meant(set))
        assert.equal(read.denied_response?.body, body)
      }
    }),
    { numRuns: 300 },
  )
})

test('an answer stays as it is when the next one is written', () => {
  const answer = (body: string): CheckResponse => ({
    status: { code: 7 },
    deniedResponse: { status: { code: 403 }, headers: [], body },
    dynamicMetadata: { fields: {} },
  })
  const first = encodeCheckResponse(answer('first'))
  encodeCheckResponse(answer('x'.repeat(100_000)))
  encodeCheckResponse(answer('other'))
  assert.equal(decodeOfficial(first).denied_response?.body, 'first')
})

function meant(options: readonly HeaderOption[]) {
  return options.map(({ header, appendAction }) => [header.key, header.value, appendAction])
}

function plainHeaders(options: readonly OfficialHeader[] | undefined) {
  return options?.map(({ header, append_action }) => [header.key, header.value, append_action])
}

type AnyStruct = { readonly fields: Readonly<Record<string, Value | OfficialValue>> } | null

function plainStruct(struct: AnyStruct): unknown {
  const entries = Object.entries(struct?.fields ?? {}).map(([name, value]): [string, unknown] => [
    name,
    'structValue' in value && value.structValue
      ? plainStruct(value.structValue)
      : 'stringValue' in value && value.stringValue,
  ])
  return new Map(entries.toSorted())
}
