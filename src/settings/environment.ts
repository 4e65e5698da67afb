import type { Issue } from '../domain/issue.ts'
import { nearest } from '../domain/nearest.ts'
import type { Leaf } from './schema-walk.ts'

/** Variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A setting that the environment replaces. */
export type Override = {
  readonly variable: string
  readonly text: string
  readonly path: readonly string[]
  readonly value: unknown
}

const PREFIX = 'STEPGATE_'

/** Names the file of the settings. */
export const CONFIG_VARIABLE = 'STEPGATE_CONFIG'

/**
 * Reads what the environment overrides: `STEPGATE_` and the path of a leaf in upper case, every `.` and `-` as `_`
 * (`STEPGATE_LISTEN_GRPC`, `STEPGATE_ISSUERS_IDP_ISSUER`); lists with commas. An empty variable counts as unset.
 */
export function readOverrides(
  env: Environment,
  leaves: readonly Leaf[],
): { overrides: Override[]; issues: Issue[] } {
  const known = new Map(leaves.map((leaf) => [variableOf(leaf), leaf]))
  const overrides: Override[] = []
  const issues: Issue[] = []
  for (const [variable, text] of Object.entries(env).toSorted()) {
    if (!variable.startsWith(PREFIX) || variable === CONFIG_VARIABLE || !text) continue
    const leaf = known.get(variable)
    if (leaf) overrides.push({ variable, text, path: leaf.path, value: valueFor(leaf, text) })
    else issues.push(unknownVariable(variable, [...known.keys(), CONFIG_VARIABLE]))
  }
  return { overrides, issues }
}

/** The data with the overrides in their places; what stands in the way of one is left for the schema to refuse. */
export function applyOverrides(data: unknown, overrides: readonly Override[]): unknown {
  const copy = structuredClone(data ?? {})
  for (const { path, value } of overrides) put(copy, path, value)
  return copy
}

/** The variables that OpenTelemetry defines; telemetry reads them itself. */
export function otelVariables(env: Environment): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith('OTEL_')))
}

/** An issue about the value of a variable. Only for known variables: the value is shown. */
export function variableIssue(
  { variable, text }: Override,
  what: Pick<Issue, 'code' | 'message' | 'hint'>,
): Issue {
  return {
    ...what,
    severity: 'error',
    file: 'environment',
    line: 0,
    column: variable.length + 2,
    source: `${variable}=${text}`,
    length: text.length,
  }
}

/** The value of an unknown variable may be a secret that landed in the wrong place, so only its name is shown. */
function unknownVariable(variable: string, known: readonly string[]): Issue {
  const close = nearest(variable, known)
  return {
    severity: 'error',
    code: 'unknown-variable',
    message: `unknown variable \`${variable}\``,
    file: 'environment',
    line: 0,
    column: 0,
    source: '',
    length: 0,
    hint: close
      ? `did you mean \`${close}\`?`
      : 'a variable overrides a setting by its path, such as STEPGATE_LISTEN_GRPC; issuers must stand in the file',
  }
}

function variableOf({ path }: Leaf): string {
  return PREFIX + path.join('_').replaceAll('-', '_').toUpperCase()
}

function valueFor({ kind }: Leaf, text: string): unknown {
  if (kind === 'list') return text.split(',').map((item) => item.trim())
  return kind === 'number' && /^\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

function put(target: unknown, path: readonly string[], value: unknown): void {
  const [key, ...rest] = path
  if (key === undefined || !isRecord(target)) return
  target[key] = rest.length === 0 ? value : (target[key] ?? {})
  put(target[key], rest, value)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
