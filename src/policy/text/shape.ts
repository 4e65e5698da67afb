import type { z } from 'zod'
import type { Issue } from '../../domain/issue.ts'
import { nearest } from '../../domain/nearest.ts'
import { type PolicyDocument, policySchema } from './schema.ts'
import type { NodePath, SourceFile } from './source-file.ts'

/** What a file has to look like: its schema, and keys of the language that a later version brings. */
export type Shape<T> = { readonly schema: z.ZodType<T>; readonly later: readonly string[] }

/** Data of the right shape, or every mistake of shape with its place. */
export type Shaped<T> = { document: T | null; issues: Issue[] }

type Checked = { readonly file: SourceFile; readonly shape: Shape<unknown> }

/** Holds a policy file's data against the schema of policies. */
export function checkShape(file: SourceFile): Shaped<PolicyDocument> {
  return checkAgainst({ schema: policySchema, later: [] }, file)
}

/** Holds a file's data against any schema of strict objects, lists, dictionaries and unions of them. */
export function checkAgainst<T>(shape: Shape<T>, file: SourceFile): Shaped<T> {
  const result = shape.schema.safeParse(file.data, { reportInput: true })
  if (result.success) return { document: result.data, issues: [] }
  const checked = { file, shape }
  return {
    document: null,
    issues: result.error.issues.flatMap((issue) => toIssues(checked, issue, [])),
  }
}

function toIssues(checked: Checked, issue: z.core.$ZodIssue, base: NodePath): Issue[] {
  const { file } = checked
  const path = [...base, ...issue.path]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(checked, path, key))
    case 'invalid_union':
      return bestBranch(checked, issue, path)
    case 'invalid_key':
      return issue.issues.map((inner) =>
        file.issue(file.spanOfKey(path), { code: 'bad-name', message: inner.message }),
      )
    default:
      return [valueIssue(file, issue, path)]
  }
}

function unknownKey({ file, shape }: Checked, path: NodePath, key: string): Issue {
  const known = keysAt(shape.schema, path)
  const span = file.spanOfKey([...path, key])
  if (shape.later.includes(key)) {
    const message = `\`${key}\` is not supported by this version`
    return file.issue(span, { code: 'not-supported', message, hint: 'remove it' })
  }
  const close = nearest(key, known)
  const hint = close ? `did you mean \`${close}\`?` : `known here: ${known.join(', ')}`
  return file.issue(span, { code: 'unknown-key', message: `unknown key \`${key}\``, hint })
}

/** A value that fits no branch of a union: the complaints of the branch of its kind that came furthest. */
function bestBranch(
  checked: Checked,
  issue: z.core.$ZodIssueInvalidUnion,
  path: NodePath,
): Issue[] {
  const branches = issue.errors.filter((branch) => branch.length > 0)
  const depth = (branch: readonly z.core.$ZodIssue[]) =>
    branch.some(isOfAnotherKind) ? -1 : (branch[0]?.path.length ?? 0)
  const best = branches.toSorted((a, b) => depth(b) - depth(a))[0]
  if (best) return best.flatMap((inner) => toIssues(checked, inner, path))
  const { file } = checked
  return [file.issue(file.spanOf(path), { code: 'wrong-type', message: issue.message })]
}

/** The branch wanted a mapping where there is a text, or the other way round. */
function isOfAnotherKind({ code, path, input }: z.core.$ZodIssue): boolean {
  if (path.length > 0) return false
  return code === 'invalid_type' || (code === 'invalid_value' && typeof input === 'object')
}

function valueIssue(file: SourceFile, issue: z.core.$ZodIssue, path: NodePath): Issue {
  if (issue.code === 'invalid_type' && issue.input === undefined) {
    return file.issue(file.spanOf(path), {
      code: 'missing-key',
      message: `the key \`${String(path.at(-1))}\` is missing`,
    })
  }
  if (issue.code === 'invalid_value') return invalidValue(file, issue, path)
  const code = issue.code === 'invalid_type' ? 'wrong-type' : 'bad-value'
  return file.issue(file.spanOf(path), { code, message: lowerFirst(issue.message) })
}

function invalidValue(
  file: SourceFile,
  issue: z.core.$ZodIssueInvalidValue,
  path: NodePath,
): Issue {
  const allowed = issue.values.map(String)
  const close = nearest(String(issue.input), allowed)
  return file.issue(file.spanOf(path), {
    code: 'bad-value',
    message: `\`${String(issue.input)}\` is not one of ${allowed.join(', ')}`,
    hint: close ? `did you mean \`${close}\`?` : null,
  })
}

function lowerFirst(message: string): string {
  const said = message.replace(/^Invalid input: /, '')
  return said.charAt(0).toLowerCase() + said.slice(1)
}

/** The keys that a schema knows at a path, found by walking it as the data does. */
function keysAt(schema: unknown, path: NodePath): readonly string[] {
  const ends = path.reduce<unknown[]>(
    (schemas, step) => schemas.flatMap((one) => childSchemas(one, step)),
    unwrap(schema),
  )
  return ends.flatMap((end) => Object.keys((end as { shape?: object }).shape ?? {}))
}

function childSchemas(schema: unknown, step: PropertyKey): unknown[] {
  const { shape, element, valueType } = schema as {
    shape?: Record<PropertyKey, unknown>
    element?: unknown
    valueType?: unknown
  }
  return unwrap(shape?.[step] ?? element ?? valueType)
}

/** What may stand there, in all branches of a union. */
function unwrap(schema: unknown): unknown[] {
  const wrapped = (schema ?? {}) as {
    unwrap?: () => unknown
    element?: unknown
    options?: unknown[]
  }
  if (wrapped.options) return wrapped.options.flatMap(unwrap)
  return wrapped.unwrap && !wrapped.element ? unwrap(wrapped.unwrap()) : [wrapped]
}
