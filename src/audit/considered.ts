import { objectOf, quote } from './json-text.ts'
import type { Mask, Masker } from './mask.ts'
import { valueJson } from './value-json.ts'

/** How a decision came about, where the core tells it. */
export type Trail = {
  /** The template that the reported rule's match fitted by; null when no rule took part. */
  readonly pathTemplate: string | null
  /** What the template captured, decoded. */
  readonly params: Readonly<Record<string, string>>
  /** The key of the caller's device; null without one. */
  readonly device: string | null
  /** Every candidate, in any order; null for a plain allow. */
  readonly considered: readonly Considered[] | null
}

/** One rule that was looked at. */
export type Considered = {
  readonly rule: string
  /** Whether its `match` fitted. */
  readonly match: boolean
  readonly condition: true | false | 'indeterminate'
  /** What its condition has read: name → value as the expression saw it. */
  readonly inputs: Readonly<Record<string, unknown>>
}

/** The JSON of `considered`; null where nobody told. */
export function consideredJson(
  considered: readonly Considered[] | null | undefined,
  mask: Mask,
  show: Masker,
): string {
  if (considered === null || considered === undefined) return 'null'
  const rules = considered.map(
    ({ rule, match, condition, inputs }) =>
      `{"rule":${quote(rule)},"match":${match},"condition":${JSON.stringify(condition)}` +
      `,"inputs":${inputsJson(inputs, mask, show)}}`,
  )
  return `[${rules.join(',')}]`
}

function inputsJson(inputs: Readonly<Record<string, unknown>>, mask: Mask, show: Masker): string {
  return objectOf(
    Object.entries(inputs).map(([name, value]) => {
      const rule = (Object.hasOwn(mask.inputs, name) && mask.inputs[name]) || mask.inputs['*']
      return [name, valueJson('inputs', name, rule, value, show)]
    }),
  )
}
