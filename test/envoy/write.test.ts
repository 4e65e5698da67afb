import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeCheckResponse } from '../../src/envoy/codec.ts'
import { type Answer, writeCheckResponse } from '../../src/envoy/write.ts'
import { decodeOfficial, type OfficialHeader, type OfficialResponse } from './support.ts'
import { answers } from './write-support.ts'

const CODES = { allow: [0], step_up: [16], unauthenticated: [16], deny: [7], fault: [14] }
const STATUSES = { step_up: [401, 403], unauthenticated: [401], deny: [400, 403], fault: [503] }

function write(answer: Answer) {
  const { decision, response } = writeCheckResponse(answer)
  return { decision, bytes: encodeCheckResponse(response) }
}

function checkHeaders(headers: readonly OfficialHeader[]): Map<string, string> {
  const values = new Map(headers.map(({ header }) => [header.key, header.value]))
  assert.equal(values.size, headers.length, 'a header is set twice')
  for (const { header, append_action, append } of headers) {
    assert.match(header.key, /^[a-z-]+$/)
    assert.match(header.value, /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/)
    assert.ok(header.value.length <= 4096)
    assert.deepEqual([append_action, append], [2, null])
  }
  return values
}

test('whatever is decided, only outcome allow has status 0, and its answer is well-formed', () => {
  const seen = new Map<string, number>()
  fc.assert(
    fc.property(answers, (answer) => {
      const { decision, bytes } = write(answer)
      seen.set(decision.outcome, (seen.get(decision.outcome) ?? 0) + 1)
      const response = decodeOfficial(bytes)
      assert.ok(response.status !== null)
      assert.ok(CODES[decision.outcome].includes(response.status.code))
      assert.ok([answer.decision.outcome, 'fault'].includes(decision.outcome))
      assert.doesNotMatch(Buffer.from(bytes).toString('latin1'), ENCODED_SURROGATE)
      if (decision.outcome === 'allow') checkPermission(answer, response)
      else checkRefusal(answer, decision.outcome, response)
    }),
    { numRuns: 3000 },
  )
  for (const outcome of Object.keys(CODES)) assert.ok((seen.get(outcome) ?? 0) > 50, outcome)
})

/** What an unpaired surrogate becomes in bytes when nobody minds: no UTF-8, and Envoy fails the call. */
const ENCODED_SURROGATE = /\xed[\xa0-\xbf]/

function checkPermission(answer: Answer, { http_response, ok_response }: OfficialResponse): void {
  assert.equal(http_response, 'ok_response')
  const set = checkHeaders(ok_response?.headers ?? [])
  const removed = ok_response?.headers_to_remove ?? assert.fail()
  assert.deepEqual(
    removed.filter((name) => set.has(name.toLowerCase())),
    [],
  )
  for (const name of answer.headerNames) {
    const forged = name.toLowerCase().replaceAll('_', '-').startsWith('x-stepgate-')
    const handled = set.has(name.toLowerCase()) || removed.includes(name.toWellFormed())
    assert.ok(!forged || handled, name)
  }
}

function checkRefusal(
  { grpc }: Answer,
  outcome: keyof typeof STATUSES,
  { http_response, denied_response }: OfficialResponse,
): void {
  assert.equal(http_response, 'denied_response')
  const set = checkHeaders(denied_response?.headers ?? [])
  assert.ok(STATUSES[outcome].includes(denied_response?.status.code ?? 0))
  assert.equal(set.get('cache-control'), 'no-store')
  assert.equal(set.has('retry-after'), outcome === 'fault')
  assert.equal(set.has('content-type'), !grpc)
  assert.equal(set.has('www-authenticate'), ['step_up', 'unauthenticated'].includes(outcome))
  checkBody(denied_response?.body ?? '', grpc)
}

function checkBody(body: string, grpc: boolean): void {
  if (grpc) {
    assert.match(body, /^[\x20-\x7e]{1,256}$/)
    return
  }
  const problem = JSON.parse(body)
  assert.ok(Buffer.byteLength(body) < 2048 || problem.instance?.length > 1000)
  assert.equal(typeof problem.title, 'string')
  assert.ok([400, 401, 403, 503].includes(problem.status))
}
