import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Decision, NO_GROUNDS } from '../../src/domain/decision.ts'
import type { DecisionRecord } from '../../src/domain/decision-record.ts'
import { type CheckDeps, createCheck } from '../../src/envoy/check.ts'
import { STEP_UP } from './samples.ts'
import { decodeOfficial, encodeOfficial, PLAIN, rooms, UUID } from './support.ts'

const GOOD = encodeOfficial({
  attributes: {
    source: { address: { socket_address: { address: '10.1.2.3' } } },
    request: {
      time: { seconds: 1 },
      http: { ...PLAIN, headers: { ':path': '/', accept: '*/*', 'x-stepgate-subject': 'root' } },
    },
    context_extensions: { tenant: 'acme' },
    metadata_context: {
      filter_metadata: { a: { fields: { b: { structValue: { fields: {} } } } } },
    },
  },
})
const ALLOW = {
  ...NO_GROUNDS,
  outcome: 'allow',
  requirement: { level: null, rank: 0, maxAge: null, amr: [], scope: [], singleUse: false },
} as const
const boom = (): never => {
  throw new Error('boom')
}

async function run(overrides: Partial<CheckDeps>, bytes: Uint8Array = GOOD) {
  const records: DecisionRecord[] = []
  const failures: unknown[] = []
  const observe = () => ({
    stage: () => undefined,
    answered: () => undefined,
    decided: (record: DecisionRecord) => void records.push(record),
  })
  const failed = (error: unknown) => void failures.push(error)
  const check = createCheck(rooms({ observe, failed, ...overrides }))
  const response = decodeOfficial(await check(bytes, () => undefined))
  return { response, records, failures, code: response.status?.code }
}

test('a decision is answered, and its record says what was answered', async () => {
  const stages: string[] = []
  const { code, response, records, failures } = await run({
    observe: (carrier) => ({
      stage: (stage) => void stages.push(stage),
      answered: () => undefined,
      decided: ({ id, decision }) => void stages.push(`${id} ${decision.outcome} ${carrier('x')}`),
    }),
    decide: (_request, _identity, stage) => {
      stage('decided')
      return ALLOW
    },
  })
  assert.equal(code, 0)
  assert.ok(response.ok_response?.headers_to_remove.includes('x-stepgate-subject'))
  assert.deepEqual(stages, ['identified', 'decided', `${UUID} allow undefined`])
  assert.deepEqual([records, failures], [[], []])
})

test('whatever throws or rejects before the answer is a fault', async () => {
  const broken: Partial<CheckDeps>[] = [
    { identify: boom },
    { identify: () => Promise.reject(new Error('boom')) },
    { decide: boom },
    {
      decide: (_request, _identity, stage) => {
        stage('decided')
        return ALLOW
      },
      observe: () => ({ stage: boom, answered: boom, decided: () => undefined }),
    },
    { observe: boom, decide: () => ALLOW },
    { newDecisionId: boom, decide: () => ALLOW },
    { decide: () => undefined as unknown as Decision },
    { decide: () => ({ outcome: 'permit' }) as unknown as Decision },
    { decide: () => ({ ...ALLOW, presented: { level: 'a\r\nb', authAge: 1 } }) },
    { identify: boom, failed: boom },
    { decide: () => STEP_UP, dialectOf: boom },
  ]
  for (const [index, overrides] of broken.entries()) {
    const { code, response } = await run(overrides)
    assert.equal(code, 14, `case ${index}`)
    assert.equal(response.denied_response?.status.code, 503)
    assert.equal(JSON.parse(response.denied_response.body).reason, 'evaluation-failed')
  }
})

test('a fault is recorded with what was known, and its error is told', async () => {
  const { records, failures } = await run({ decide: boom })
  assert.equal(records[0]?.decision.outcome, 'fault')
  assert.equal(records[0].request?.method, 'GET')
  assert.deepEqual(records[0].identity, { kind: 'anonymous' })
  assert.match(String(failures[0]), /boom/)
})

test('a record that cannot be delivered changes no answer', async () => {
  const observe = () => ({ stage: () => undefined, answered: () => undefined, decided: boom })
  const { code, failures } = await run({ observe, decide: () => ALLOW })
  assert.deepEqual([code, failures.length], [0, 1])
})

test('an answer that could not be written is recorded as the fault it became', async () => {
  const level = 'a\r\nb'
  const { records } = await run({ decide: () => ({ ...ALLOW, presented: { level, authAge: 1 } }) })
  assert.deepEqual(
    records.map(({ decision }) => decision.outcome),
    ['fault'],
  )
})

test('an ambiguous request is refused before anybody is asked', async () => {
  const bytes = encodeOfficial({ attributes: { request: { http: { ...PLAIN, path: '/a//b' } } } })
  const { code, response, records } = await run({ identify: boom, decide: () => ALLOW }, bytes)
  assert.deepEqual([code, response.denied_response?.status.code], [7, 400])
  assert.deepEqual([records[0]?.request, records[0]?.identity], [null, null])
})

test('bytes that are no request are refused as a fault', async () => {
  for (const bytes of [Buffer.from([0xff]), Buffer.from('0aff', 'hex'), GOOD.subarray(0, -1)]) {
    const { code, records } = await run({ decide: () => ALLOW }, bytes)
    assert.equal(code, 14)
    assert.equal(records[0]?.decision.outcome, 'fault')
  }
})

test('deeply nested metadata is refused or skipped, never fatal', async () => {
  for (const depth of [10, 90, 1000, 20_000]) {
    const { code } = await run({}, Buffer.concat([GOOD, nestedMetadata(depth)]))
    assert.ok(code === 7 || code === 14, `depth ${depth}: ${code}`)
  }
})

/** A CheckRequest with `metadata_context` alone, a Struct of `depth` Structs. */
function nestedMetadata(depth: number): Buffer {
  let struct: Buffer = Buffer.alloc(0)
  for (let level = 0; level < depth; level++) struct = field(1, field(2, field(5, struct)))
  return field(1, field(11, field(1, field(2, struct))))
}

function field(number: number, content: Buffer): Buffer {
  const length: number[] = []
  let rest = content.length
  for (; rest > 127; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128)
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length, rest]), content])
}

const mutated = fc
  .array(fc.tuple(fc.nat(GOOD.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 })
  .map((changes) => {
    const bytes = Buffer.from(GOOD)
    for (const [at, byte] of changes) bytes[at] = byte
    return bytes
  })

test('any bytes get an answer, and none that nobody granted', async () => {
  const check = createCheck(rooms())
  await fc.assert(
    fc.asyncProperty(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), async (bytes) => {
      const { status } = decodeOfficial(await check(bytes, () => undefined))
      assert.ok([7, 14].includes(status?.code ?? 0))
    }),
    { numRuns: 5000 },
  )
})

test('an answer that fits no header is a fault, and somebody is told of which rule', async () => {
  const presented = { level: 'stärke', authAge: null }
  const decide = () => ({ ...ALLOW, rule: 'manage', presented })
  const { code, records, failures } = await run({ decide })
  assert.equal(code, 14)
  assert.equal(records[0]?.decision.outcome, 'fault')
  assert.match(String(failures), /allow by rule manage has a value that fits no header/)
})
