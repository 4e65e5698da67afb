import type { ConsideredRule } from '../domain/trail.ts'
import { isTold } from '../policy/evidence.ts'
import { objectOf, quote } from './json-text.ts'
import type { Mask, Masker, MaskRule } from './mask.ts'
import { valueJson } from './value-json.ts'

/** The JSON of `considered`; null where nobody told. */
export function consideredJson(
  considered: readonly ConsideredRule[] | null | undefined,
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
    Object.entries(inputs).map(([name, value]) => [
      name,
      value === null ? 'null' : valueJson('inputs', name, ruleFor(name, value, mask), value, show),
    ]),
  )
}

/** What the operator says of a name holds, but for the headers that carry credentials. */
function ruleFor(name: string, value: unknown, { inputs, evidence }: Mask): MaskRule {
  const rule = Object.hasOwn(inputs, name)
    ? inputs[name]
    : isTold(name, value)
      ? evidence
      : inputs['*']
  if (rule === undefined) return inputs['*']
  return CREDENTIALS.test(name) && rule !== 'drop' ? 'hash' : rule
}

const CREDENTIALS = /^request\.headers\.(?:proxy-)?(?:authorization|cookie)/
