import { DROPPED, type Masker, type MaskRule } from './mask.ts'

/** The JSON of a value of any type under a rule; pseudonyms are made for the group and the name together. */
export function valueJson(
  group: string,
  name: string,
  rule: MaskRule,
  value: unknown,
  show: Masker,
): string {
  if (rule === 'keep' && isPlain(value)) return String(value)
  const text = textOf(value)
  return text === undefined ? DROPPED : show(`${group}.${name}`, rule, text)
}

function isPlain(value: unknown): boolean {
  return value === null || ['boolean', 'bigint'].includes(typeof value) || Number.isFinite(value)
}

/** Undefined for what has no text, such as a value that contains itself. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'bigint') return String(value)
  try {
    return JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? String(part) : part))
  } catch {
    return undefined
  }
}
