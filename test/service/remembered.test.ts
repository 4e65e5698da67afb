import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { INVALID_SPAN_CONTEXT } from '@opentelemetry/api'
import { createLifecycle } from '../../src/runtime/lifecycle.ts'
import type { RunningRecords } from '../../src/service/start-records.ts'
import { createEvents } from '../../src/telemetry/events.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { IDP, settingsOf } from '../settings/reading.ts'
import { DECISION_ID, memoryLog, recordOf } from '../telemetry/fixtures.ts'
import { NO_SECRETS, recordsOf } from './records.ts'

it('the memory of decisions holds nothing of what came with the requests', async () => {
  const { log } = memoryLog()
  const metrics = createMetrics({ process: false })
  const events = createEvents({ log, metrics, happened: () => {}, now: Date.now })
  const lifecycle = createLifecycle((failure) => assert.fail(failure.reason))
  const settings = settingsOf(IDP)
  const records = await recordsOf({ settings, secrets: NO_SECRETS, lifecycle, events })
  const sent = keepOne(records)
  await new Promise((resolve) => setImmediate(resolve))
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  assert.deepEqual(
    sent.map((one) => one.deref() === undefined),
    sent.map(() => true),
  )
  const [decision] = records.recent.find({ id: DECISION_ID })
  assert.deepEqual(decision?.considered, [
    { rule: 'big', match: true, condition: true, inputs: { 'request.body.note': 'hidden' } },
  ])
})

/** A refusal whose body, headers and values read are held from here only weakly. */
function keepOne(records: RunningRecords): readonly WeakRef<object>[] {
  const record = recordOf('deny')
  assert.ok(record.request)
  const [bytes, headers, value] = [Buffer.alloc(1_000_000), new Map([['x', ['y']]]), ['note']]
  const request = { ...record.request, headers, body: { kind: 'complete' as const, bytes } }
  const inputs = { 'request.body.note': value }
  const considered = [{ rule: 'big', match: true as const, condition: true, inputs }]
  const trail = () => ({ pathTemplate: null, params: {}, device: null, considered })
  const line = `"decision_id":"${record.id}"`
  records.keep({ ...record, request, trail }, { span: INVALID_SPAN_CONTEXT, latencyMs: 1, line })
  return [bytes, headers, value].map((one) => new WeakRef(one))
}
