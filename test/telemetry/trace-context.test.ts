import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readTraceContext } from '../../src/telemetry/trace-context.ts'
import { metadataOf, PARENT_ID, SAMPLED, TRACE_ID, UNSAMPLED } from './tracing-support.ts'

const SHORT = '463ac35c9f6413ad'
const W3C_TRACE = `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01`
const IDS = `${TRACE_ID}-${PARENT_ID}`
const HEADERS = { 'x-b3-traceid': TRACE_ID, 'x-b3-spanid': PARENT_ID }

/** Metadata, and what is read from it: trace, span and whether the caller records it. */
const READ: [
  string,
  Record<string, string>,
  readonly [string | undefined, string | undefined, boolean | null],
][] = [
  ['W3C, sampled', { traceparent: SAMPLED }, [TRACE_ID, PARENT_ID, true]],
  ['W3C, not sampled', { traceparent: UNSAMPLED }, [TRACE_ID, PARENT_ID, false]],
  ['W3C before B3', { traceparent: W3C_TRACE, b3: IDS }, ['1'.repeat(32), '2'.repeat(16), true]],
  ['B3 where W3C is broken', { traceparent: 'x', b3: `${IDS}-1` }, [TRACE_ID, PARENT_ID, true]],
  ['B3, accepted', { b3: `${IDS}-1` }, [TRACE_ID, PARENT_ID, true]],
  ['B3, debug', { b3: `${IDS}-d` }, [TRACE_ID, PARENT_ID, true]],
  ['B3, denied', { b3: `${IDS}-0` }, [TRACE_ID, PARENT_ID, false]],
  ['B3, deferred', { b3: IDS }, [TRACE_ID, PARENT_ID, null]],
  ['B3 with a parent', { b3: `${IDS}-1-${SHORT}` }, [TRACE_ID, PARENT_ID, true]],
  [
    'B3 with 64 bits',
    { b3: `${SHORT}-${PARENT_ID}-1` },
    [`${'0'.repeat(16)}${SHORT}`, PARENT_ID, true],
  ],
  ['B3 that only denies', { b3: '0' }, [undefined, undefined, false]],
  ['B3 before its headers', { b3: '0', ...HEADERS }, [undefined, undefined, false]],
  ['B3 headers, deferred', HEADERS, [TRACE_ID, PARENT_ID, null]],
  ['B3 headers, accepted', { ...HEADERS, 'x-b3-sampled': '1' }, [TRACE_ID, PARENT_ID, true]],
  ['B3 headers, denied', { ...HEADERS, 'x-b3-sampled': '0' }, [TRACE_ID, PARENT_ID, false]],
  ['B3 headers, as of old', { ...HEADERS, 'x-b3-sampled': 'true' }, [TRACE_ID, PARENT_ID, true]],
  ['B3 headers, debug', { ...HEADERS, 'x-b3-flags': '1' }, [TRACE_ID, PARENT_ID, true]],
  ['B3 headers that only deny', { 'x-b3-sampled': '0' }, [undefined, undefined, false]],
]

const NOTHING: Record<string, string>[] = [
  {},
  { b3: '' },
  { b3: 'garbage' },
  { b3: `${TRACE_ID}` },
  { b3: `${IDS}-2` },
  { b3: `${IDS}-1-` },
  { b3: `${IDS.toUpperCase()}-1` },
  { b3: `${'0'.repeat(32)}-${PARENT_ID}-1` },
  { b3: `${TRACE_ID}-${'0'.repeat(16)}-1` },
  { b3: `${IDS}-1\n` },
  { 'x-b3-traceid': TRACE_ID },
  { 'x-b3-traceid': TRACE_ID, 'x-b3-spanid': 'zz' },
  { 'x-b3-traceid': `${TRACE_ID}0`, 'x-b3-spanid': PARENT_ID },
  { 'x-b3-spanid': PARENT_ID },
  { 'x-b3-sampled': 'perhaps' },
]

describe('the context of a trace', () => {
  for (const [name, metadata, [traceId, spanId, sampled]] of READ) {
    it(`is read: ${name}`, () => {
      const read = readTraceContext(metadataOf(metadata))
      assert.deepEqual([read?.context?.traceId, read?.context?.spanId], [traceId, spanId])
      assert.equal(read?.sampled, sampled)
      if (read?.context) assert.equal(read.context.traceFlags, sampled ? 1 : 0)
    })
  }

  for (const metadata of NOTHING) {
    it(`is not there in ${JSON.stringify(metadata)}`, () => {
      assert.equal(readTraceContext(metadataOf(metadata)), null)
    })
  }
})
