import type { z } from 'zod'
import type { Issue } from '../../domain/issue.ts'
import { nearest } from '../../domain/nearest.ts'
import { LATER_KEYS, type PolicyDocument, policySchema } from './schema.ts'
import type { NodePath, SourceFile } from './source-file.ts'

/** Holds a file's data against the schema: the document, or every mistake of shape with its place. */
export function checkShape(file: SourceFile): { document: PolicyDocument | null; issues: Issue[] } {
  const result = policySchema.safeParse(file.data, { reportInput: true })
  if (result.success) return { document: result.data, issues: [] }
  return {
    document: null,
    issues: result.error.issues.flatMap((issue) => toIssues(file, issue, [])),
  }
}

function toIssues(file: SourceFile, issue: z.core.$ZodIssue, base: NodePath): Issue[] {
  const path = [...base, ...issue.path]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(file, path, key))
    case 'invalid_union':
      return bestBranch(file, issue, path)
    case 'invalid_key':
      return issue.issues.map((inner) =>
        file.issue(file.spanOfKey(path), { code: 'bad-name', message: inner.message }),
      )
    default:
      return [valueIssue(file, issue, path)]
  }
}

function unknownKey(file: SourceFile, path: NodePath, key: string): Issue {
  const known = keysAt(path)
  const span = file.spanOfKey([...path, key])
  const close = nearest(key, known)
  if (close === null && LATER_KEYS.includes(key)) {
    return file.issue(span, {
      code: 'not-supported',
      message: `this version does not know \`${key}\` yet`,
    })
  }
  const hint = close ? `did you mean \`${close}\`?` : `known here: ${known.join(', ')}`
  return file.issue(span, { code: 'unknown-key', message: `unknown key \`${key}\``, hint })
}

/** A value that fits no branch of a union: the complaints of the branch that came furthest. */
function bestBranch(
  file: SourceFile,
  issue: z.core.$ZodIssueInvalidUnion,
  path: NodePath,
): Issue[] {
  const branches = issue.errors.filter((branch) => branch.length > 0)
  const best = branches.toSorted((a, b) => (b[0]?.path.length ?? 0) - (a[0]?.path.length ?? 0))[0]
  if (!best) return [file.issue(file.spanOf(path), { code: 'wrong-type', message: issue.message })]
  return best.flatMap((inner) => toIssues(file, inner, path))
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

/** The keys that the schema knows at a path, found by walking it as the data does. */
function keysAt(path: NodePath): readonly string[] {
  let schema: unknown = policySchema
  for (const step of path) schema = childSchema(unwrap(schema), step)
  const shape = (unwrap(schema) as { shape?: object } | undefined)?.shape
  return Object.keys(shape ?? {})
}

function childSchema(schema: unknown, step: PropertyKey): unknown {
  const { shape, element, valueType } = schema as {
    shape?: Record<PropertyKey, unknown>
    element?: unknown
    valueType?: unknown
  }
  return shape?.[step] ?? element ?? valueType
}

function unwrap(schema: unknown): unknown {
  const wrapped = schema as { unwrap?: () => unknown; element?: unknown } | undefined
  return wrapped?.unwrap && !wrapped.element ? unwrap(wrapped.unwrap()) : schema
}
