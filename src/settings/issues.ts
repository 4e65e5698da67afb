import type { z } from 'zod'
import type { Issue } from '../domain/issue.ts'
import { nearest } from '../domain/nearest.ts'
import type { NodePath, SourceFile, Span } from '../policy/text/source-file.ts'
import { type Override, variableIssue } from './environment.ts'
import { LATER_KEYS, settingsSchema } from './schema.ts'
import { keysAt } from './schema-walk.ts'

type Text = Pick<Issue, 'code' | 'message' | 'hint'>

/** Turns what the schema refuses into issues, each at the variable or the place in the file that it came from. */
export function schemaIssues(
  file: SourceFile,
  overrides: readonly Override[],
  refused: readonly z.core.$ZodIssue[],
): Issue[] {
  return refused.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownKey(file, issue.path, key))
    }
    const override = overrides.find(({ path }) => path.every((step, i) => step === issue.path[i]))
    const what = describe(issue)
    return override ? variableIssue(override, what) : file.issue(spanOf(file, issue, what), what)
  })
}

/** Members of private and symmetric keys, as YAML or JSON writes them. */
const SECRET = /(?:^|[\s{,"'])(?:d|p|q|dp|dq|qi|oth|k|priv)["']?\s*:/

/** A key, a secret or a token that is written down where only a reference to it may stand, its name spelt anyhow. */
const WRITTEN_DOWN =
  /(?:^|[\s{,"'])(?:[\w-]*(?:key|url|secret\w*|passw\w*)["']?\s*:(?!\s*["']?(?:env|file):)|(?:token|authorization)["']?\s*:(?!\s*(?:["']?(?:env|file):|\{|#|$)))/i

/** User and password in an address. */
const IN_ADDRESS = /\/\/[^\s/?#"']*@/

/** The issue without its line, if that could hold part of a secret: what is printed ends in logs. */
export function withoutSecrets(issue: Issue): Issue {
  const { code, source } = issue
  const isSecret =
    code === 'bad-secret' || [SECRET, WRITTEN_DOWN, IN_ADDRESS].some((form) => form.test(source))
  const message = issue.message.replace(IN_ADDRESS, '//…@')
  return isSecret ? { ...issue, message, source: '', length: 0 } : { ...issue, message }
}

/** A missing key is marked at the key of the mapping that lacks it, a bad one where it stands. */
function spanOf(file: SourceFile, { code, path }: z.core.$ZodIssue, what: Text): Span {
  if (what.code === 'missing-key') return file.spanOfKey(path.slice(0, -1))
  return code === 'invalid_key' ? file.spanOfKey(path) : file.spanOf(path)
}

function unknownKey(file: SourceFile, path: NodePath, key: string): Issue {
  const span = file.spanOfKey([...path, key])
  const where = path.map((step, i) => (path[0] === 'issuers' && i === 1 ? '*' : String(step)))
  if (LATER_KEYS.get(where.join('.'))?.includes(key)) {
    const name = [...path, key].map(String).join('.')
    const message = `\`${name}\` is not supported by this version`
    return file.issue(span, { code: 'not-supported', message, hint: 'remove it' })
  }
  const known = keysAt(settingsSchema, path)
  const close = nearest(key, known)
  const hint = close ? `did you mean \`${close}\`?` : `known here: ${known.join(', ')}`
  return file.issue(span, { code: 'unknown-key', message: `unknown key \`${key}\``, hint })
}

function describe(issue: z.core.$ZodIssue): Text {
  const name = issue.path.length > 0 ? `\`${issue.path.map(String).join('.')}\`` : 'the file'
  switch (issue.code) {
    case 'invalid_type':
      return wrongType(issue, name)
    case 'invalid_value':
      return wrongValue(issue, name)
    case 'too_small':
    case 'too_big':
      return outOfRange(issue, name)
    case 'custom':
      return custom(issue)
    case 'invalid_key':
      return issue.issues[0] ? describe(issue.issues[0]) : plain(issue, name)
    default:
      return plain(issue, name)
  }
}

function plain({ message }: z.core.$ZodIssue, name: string): Text {
  return { code: 'bad-value', message: `${name}: ${message}`, hint: null }
}

function wrongType(issue: z.core.$ZodIssueInvalidType, name: string): Text {
  const wanted = TYPES.get(issue.expected) ?? issue.expected
  if (issue.input === undefined) {
    return { code: 'missing-key', message: `${name} is missing`, hint: `it is ${wanted}` }
  }
  const message = `${name} must be ${wanted}, not ${kindOf(issue.input)}`
  const hint = typeof issue.input === 'number' && wanted === 'text' ? 'put it in quotes' : null
  return { code: 'wrong-type', message, hint }
}

const TYPES: ReadonlyMap<string, string> = new Map([
  ['object', 'a mapping'],
  ['record', 'a mapping'],
  ['array', 'a list'],
  ['string', 'text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
])

function kindOf(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  const type = typeof value
  return TYPES.get(type) ?? `a ${type}`
}

function wrongValue(issue: z.core.$ZodIssueInvalidValue, name: string): Text {
  const allowed = issue.values.map(String)
  if (issue.input === undefined)
    return {
      code: 'missing-key',
      message: `${name} is missing`,
      hint: `it is ${allowed.join(' or ')}`,
    }
  const written = String(issue.input)
  const close = nearest(written, allowed)
  return {
    code: 'bad-value',
    message: `${name} cannot be \`${written}\``,
    hint: close ? `did you mean \`${close}\`?` : `it is ${allowed.join(' or ')}`,
  }
}

function outOfRange(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig, name: string): Text {
  const counted = issue.origin === 'string' || issue.origin === 'array'
  if (counted && issue.code === 'too_small') {
    return { code: 'empty', message: `${name} is empty`, hint: null }
  }
  const limit =
    issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`
  return {
    code: 'out-of-range',
    message: `${name} must ${counted ? 'have' : 'be'} ${limit}`,
    hint: null,
  }
}

function custom({ message, params }: z.core.$ZodIssueCustom): Text {
  const { code, hint } = params ?? {}
  return {
    code: String(code ?? 'bad-value'),
    message,
    hint: typeof hint === 'string' ? hint : null,
  }
}
