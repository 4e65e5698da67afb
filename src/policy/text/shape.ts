import type { z } from 'zod'
import type { Issue } from '../../domain/issue.ts'
import { nearest } from '../../domain/nearest.ts'
import { type PolicyDocument, policySchema } from './schema.ts'
import { keysAt } from './schema-keys.ts'
import { choiceOf, describeValue, shortened } from './shape-text.ts'
import type { IssueText, NodePath, SourceFile, Span } from './source-file.ts'

/** Data of the right shape, or every mistake of shape with its place. */
export type Shaped<T> = { document: T | null; issues: Issue[] }

/** A mistake of shape: a missing key knows its name, a misspelt one the key that was meant. */
type Misfit = {
  readonly path: NodePath
  readonly at: Span
  readonly what: IssueText
  readonly missing?: string
  readonly meant?: string | null
}

type Checked = { readonly file: SourceFile; readonly schema: z.ZodType }

/** More mistakes of shape than this in one file are not told one by one. */
const MAX_TOLD = 1000

/** Holds a policy file's data against the schema of policies. */
export function checkShape(file: SourceFile): Shaped<PolicyDocument> {
  if (file.data !== null) return checkAgainst(policySchema, file)
  const what = { code: 'empty-file', message: 'the file is empty', hint: 'begin with `version: 1`' }
  return { document: null, issues: [file.issue({ start: 0, end: 1 }, what)] }
}

/** Holds a file's data against any schema of strict objects, lists, dictionaries and unions of them. */
export function checkAgainst<T>(schema: z.ZodType<T>, file: SourceFile): Shaped<T> {
  const reserved = reservedKeys(file, file.data, [])
  if (reserved.length > 0) return { document: null, issues: reserved }
  const result = schema.safeParse(file.data, { reportInput: true })
  if (result.success) return { document: result.data, issues: [] }
  const misfits = result.error.issues
    .slice(0, MAX_TOLD)
    .flatMap((issue) => misfitsOf({ file, schema }, issue, []))
  const issues = withoutFollowUps(misfits).map(({ at, what }) => file.issue(at, what))
  return { document: null, issues }
}

/** zod passes over `__proto__`, and what is passed over would be silently ignored. */
function reservedKeys(file: SourceFile, data: unknown, path: NodePath): Issue[] {
  if (typeof data !== 'object' || data === null) return []
  const message = '`__proto__` cannot be a key'
  const own = Object.hasOwn(data, '__proto__')
    ? [file.issue(file.spanOfKey([...path, '__proto__']), { code: 'bad-name', message })]
    : []
  const below = Object.entries(data).flatMap(([key, value]) =>
    reservedKeys(file, value, [...path, Array.isArray(data) ? Number(key) : key]),
  )
  return [...own, ...below]
}

/** A misspelt key is one mistake: that the right one is missing follows from it. */
function withoutFollowUps(misfits: readonly Misfit[]): readonly Misfit[] {
  const key = (path: NodePath, name: string) => JSON.stringify([...path.map(String), name])
  const meant = new Set(misfits.flatMap((one) => (one.meant ? [key(one.path, one.meant)] : [])))
  return misfits.filter(({ path, missing }) => !missing || !meant.has(key(path, missing)))
}

function misfitsOf(checked: Checked, issue: z.core.$ZodIssue, base: NodePath): Misfit[] {
  const { file } = checked
  const path = [...base, ...issue.path]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.slice(0, MAX_TOLD).map((key) => unknownKey(checked, path, key))
    case 'invalid_union':
      return bestBranch(checked, issue, path)
    case 'invalid_key':
      return issue.issues.slice(0, 1).map(({ message }) => ({
        path,
        at: file.spanOfKey(path),
        what: { code: 'bad-name', message },
      }))
    default:
      return [issue.input === undefined ? missingKey(file, issue, path) : misfit(file, issue, path)]
  }
}

function misfit(file: SourceFile, issue: z.core.$ZodIssue, path: NodePath): Misfit {
  const isBare = issue.input === null && typeof path.at(-1) === 'string'
  const at = isBare ? file.spanOfKey(path) : file.spanOf(path)
  return { path, at, what: describeValue(issue, path) }
}

/** Marked at the key of the mapping that lacks it, in a list at the first key of the entry. */
function missingKey(file: SourceFile, issue: z.core.$ZodIssue, path: NodePath): Misfit {
  const lacking = path.slice(0, -1)
  const missing = String(path.at(-1))
  const [first] = Object.keys(dataAt(file.data, lacking) ?? {})
  const isNamed = typeof lacking.at(-1) === 'string'
  const at = isNamed || first === undefined ? lacking : [...lacking, first]
  const hint = issue.code === 'invalid_value' ? choiceOf(issue) : null
  const what = { code: 'missing-key', message: `the key \`${missing}\` is missing`, hint }
  return { path: lacking, missing, at: file.spanOfKey(at), what }
}

function dataAt(data: unknown, path: NodePath): object | null {
  const found = path.reduce<unknown>(
    (value, step) => (value as Record<PropertyKey, unknown> | null)?.[step],
    data,
  )
  return typeof found === 'object' ? found : null
}

function unknownKey({ file, schema }: Checked, path: NodePath, key: string): Misfit {
  const at = file.spanOfKey([...path, key])
  const known = keysAt(schema, path)
  const meant = nearest(key, known)
  const hint = meant ? `did you mean \`${meant}\`?` : `known here: ${known.join(', ')}`
  const message = `unknown key \`${shortened(key)}\``
  return { path, at, meant, what: { code: 'unknown-key', message, hint } }
}

/** A value that fits no branch of a union: the complaints of the branch of its kind that came furthest. */
function bestBranch(
  checked: Checked,
  issue: z.core.$ZodIssueInvalidUnion,
  path: NodePath,
): Misfit[] {
  const branches = issue.errors.filter((branch) => branch.length > 0)
  const depth = (branch: readonly z.core.$ZodIssue[]) =>
    branch.some(isOfAnotherKind) ? -1 : (branch[0]?.path.length ?? 0)
  const best = branches.toSorted((a, b) => depth(b) - depth(a))[0]
  if (best) return best.flatMap((inner) => misfitsOf(checked, inner, path))
  const { file } = checked
  return [{ path, at: file.spanOf(path), what: { code: 'wrong-type', message: issue.message } }]
}

/** The branch wanted a mapping where there is a text, or the other way round. */
function isOfAnotherKind({ code, path, input }: z.core.$ZodIssue): boolean {
  if (path.length > 0) return false
  return code === 'invalid_type' || (code === 'invalid_value' && typeof input === 'object')
}
