import { z } from 'zod'

const text = z.string().nullable()
const texts = z.array(z.string())

/** What `stepgate explain` shows of a recorded decision; all else that a line has is left as it is. */
const recordedSchema = z.looseObject({
  ts: z.string(),
  seq: z.number(),
  decision_id: z.string(),
  subject: text,
  issuer: text,
  client_id: text,
  workload: z.boolean().nullable(),
  presented: z
    .looseObject({
      level: text,
      acr: text,
      amr: texts.nullable(),
      auth_time: z.number().nullable(),
    })
    .nullable(),
  client_ip: text,
  device: text,
  method: text,
  host: text,
  path_template: text,
  path: text,
  params: z.record(z.string(), text),
  outcome: z.string(),
  reason: text,
  problem: text,
  rule: text,
  rules: texts,
  required: z
    .looseObject({
      level: text,
      max_age: z.number().nullable(),
      amr: z.array(z.array(texts)),
      scope: texts,
      single_use: z.boolean(),
    })
    .nullable(),
  shortfalls: texts,
  shadow: z.looseObject({ outcome: z.string(), rule: text }).nullable(),
  risk: z
    .looseObject({
      score: z.number().nullable(),
      level: text,
      signals: texts,
      evidence: z.array(
        z.looseObject({ signal: z.string(), name: z.string(), value: z.unknown() }),
      ),
    })
    .nullable(),
  indeterminate: z.array(z.looseObject({ rule: z.string(), missing: z.string() })),
  considered: z
    .array(
      z.looseObject({
        rule: z.string(),
        match: z.boolean(),
        condition: z.union([z.boolean(), z.literal('indeterminate')]),
        inputs: z.record(z.string(), z.unknown()),
      }),
    )
    .nullable(),
  policy: z.looseObject({ revision: text }),
  trace_id: text,
  span_id: text,
  request_id: text,
  latency_us: z.number().nullable(),
})

/** A decision as it stands in an audit record. */
export type Recorded = z.output<typeof recordedSchema>

/** Reads a line of an audit record; null for one that has not the form of a decision, such as one that was changed. */
export function readRecorded(line: string): Recorded | null {
  try {
    return recordedSchema.safeParse(JSON.parse(line)).data ?? null
  } catch {
    return null
  }
}
