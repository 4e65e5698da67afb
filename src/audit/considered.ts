import { quote } from '../domain/json-text.ts'
import type { ConsideredRule } from '../domain/trail.ts'
import { isTold } from '../policy/evidence.ts'
import type { Mask, Masker, MaskRule } from './mask.ts'
import { valueJson } from './value-json.ts'

/** The JSON of `considered`; null where nobody told. */
export function consideredJson(
  considered: readonly ConsideredRule[] | null | undefined,
  mask: Mask,
  show: Masker,
): string {
  if (considered === null || considered === undefined) return 'null'
  const shown = showOnce(mask, show)
  const rules = considered.map(({ rule, match, condition, inputs }) => {
    const verdict = condition === 'indeterminate' ? '"indeterminate"' : condition
    return `{"rule":${quote(rule)},"match":${match},"condition":${verdict},"inputs":${inputsJson(inputs, shown)}}`
  })
  return `[${rules.join(',')}]`
}

/** The JSON member of a name and its value. */
type ShowInput = (name: string, value: unknown) => string

/** Rules of one decision mostly read the same: each reading is masked once. */
function showOnce(mask: Mask, show: Masker): ShowInput {
  const known = new Map<string, { readonly value: unknown; readonly json: string }>()
  return (name, value) => {
    const before = known.get(name)
    if (before !== undefined && before.value === value) return before.json
    const masked =
      value === null ? 'null' : valueJson('inputs', name, ruleFor(name, value, mask), value, show)
    const json = `${quote(name)}:${masked}`
    known.set(name, { value, json })
    return json
  }
}

function inputsJson(inputs: Readonly<Record<string, unknown>>, shown: ShowInput): string {
  let members = ''
  for (const name of Object.keys(inputs)) {
    members += `${members === '' ? '' : ','}${shown(name, inputs[name])}`
  }
  return `{${members}}`
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
