import type { z } from 'zod'
import { nearest } from '../../domain/nearest.ts'
import type { IssueText, NodePath } from './source-file.ts'

/** What is wrong with a value, in an author's words: zod's complaint at a path. */
export function describeValue(issue: z.core.$ZodIssue, path: NodePath): IssueText {
  const name = nameOf(path)
  switch (issue.code) {
    case 'invalid_type':
      return { ...wrongType(issue.expected, issue.input, name), ...unitHint(issue.input, path) }
    case 'invalid_value':
      return wrongValue(issue, name)
    case 'too_small':
    case 'too_big':
      return outOfRange(issue, name)
    case 'invalid_format':
    case 'custom':
      return { code: 'bad-value', message: issue.message }
    case 'invalid_union':
    case 'invalid_key':
    case 'invalid_element':
    case 'not_multiple_of':
    case 'unrecognized_keys':
      return { code: 'bad-value', message: `${name}: ${issue.message}` }
  }
}

/** A bare number where a duration is wanted: quotes alone would not make one of it. */
function unitHint(input: unknown, path: NodePath): { hint?: string } {
  const isDuration = ['max_age', 'window', 'auth_age'].includes(String(path.at(-1)))
  return isDuration && typeof input === 'number' ? { hint: 'add a unit: `30s`, `5m`, `8h`' } : {}
}

/** How messages call what stands at a path: by the last key on the way to it. */
function nameOf(path: NodePath): string {
  const at = path.findLastIndex((step) => typeof step === 'string')
  if (at < 0) return 'the file'
  const key = `\`${String(path[at])}\``
  return at === path.length - 1 ? key : `an entry of ${key}`
}

function wrongType(expected: string, input: unknown, name: string): IssueText {
  if (input === null) return empty(name)
  const wanted = KINDS.get(expected) ?? expected
  const given = kindOf(input)
  const isNumber = typeof input === 'number'
  const message = `${name} must be ${wanted}, not ${isNumber && wanted !== 'text' ? input : given}`
  return { code: 'wrong-type', message, hint: howToMend(wanted, input) }
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['object', 'a mapping'],
  ['record', 'a mapping'],
  ['array', 'a list'],
  ['string', 'text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
])

function kindOf(value: unknown): string {
  const kind = Array.isArray(value) ? 'array' : typeof value
  return kind === 'boolean' ? String(value) : (KINDS.get(kind) ?? kind)
}

function howToMend(wanted: string, input: unknown): string | null {
  const isText = typeof input === 'string'
  const isPlain = typeof input !== 'object'
  if (wanted === 'text' && isPlain) return 'put it in quotes'
  if (wanted === 'a list' && isPlain) return `write a list: \`[${shortened(String(input))}]\``
  if (wanted === 'a list') return 'begin each entry with `- `'
  if (wanted === 'true or false' && isText) return 'write true or false without quotes'
  return isText && /^\d+$/.test(input) ? 'remove the quotes' : null
}

function wrongValue(issue: z.core.$ZodIssueInvalidValue, name: string): IssueText {
  const { input } = issue
  if (input === null) return empty(name)
  const [first] = issue.values
  if (typeof first === 'number' && typeof input === 'string')
    return wrongType('number', input, name)
  const allowed = issue.values.map(String)
  const choice = choiceOf(issue)
  if (typeof input === 'object') {
    return { code: 'wrong-type', message: `${name} cannot be ${kindOf(input)}`, hint: choice }
  }
  const close = nearest(String(input), allowed)
  return {
    code: 'bad-value',
    message: `${name} cannot be \`${shortened(String(input))}\``,
    hint: close ? `did you mean \`${close}\`?` : choice,
  }
}

/** The values that fit, as a hint. */
export function choiceOf({ values }: z.core.$ZodIssueInvalidValue): string {
  const allowed = values.map(String)
  const rest = allowed.slice(0, -1)
  const last = allowed.at(-1) ?? ''
  return rest.length > 0 ? `it is ${rest.join(', ')} or ${last}` : `it is ${last}`
}

function outOfRange(
  issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig,
  name: string,
): IssueText {
  if (issue.code === 'too_small' && issue.origin !== 'number' && issue.origin !== 'int') {
    return empty(name)
  }
  if (issue.code === 'too_big' && issue.origin === 'string') {
    return { code: 'bad-value', message: `${name} has over ${issue.maximum} characters` }
  }
  const limit =
    issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`
  return { code: 'bad-value', message: `${name} must be ${limit}` }
}

function empty(name: string): IssueText {
  return { code: 'empty', message: `${name} is empty`, hint: 'give it a value, or remove it' }
}

/** As much of what an author wrote as a message can bear. */
export function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
