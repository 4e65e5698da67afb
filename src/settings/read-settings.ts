import type { z } from 'zod'
import type { Issue } from '../domain/issue.ts'
import { parseSource, type SourceFile } from '../policy/text/source-file.ts'
import {
  applyOverrides,
  CONFIG_VARIABLE,
  type Environment,
  otelVariables,
  readOverrides,
} from './environment.ts'
import { givenNames, issuerIssues } from './issuers.ts'
import { schemaIssues, withoutSecrets } from './issues.ts'
import { settingsSchema } from './schema.ts'
import { leavesOf } from './schema-walk.ts'
import { spiffeIssues } from './spiffe.ts'

type Document = z.output<typeof settingsSchema>

/** The service's settings, checked and complete; frozen throughout. */
export type Settings = DeepReadonly<Omit<Document, 'issuers'>> & {
  /** The file they were read from. */
  readonly file: string
  readonly issuers: readonly IssuerSettings[]
  /** The `OTEL_*` variables as they are. */
  readonly otel: Readonly<Record<string, string | undefined>>
}

/** One issuer with the name that the policy knows it by; `leeway` in seconds. */
export type IssuerSettings = DeepReadonly<Document['issuers'][string]> & { readonly name: string }

/** The settings, or every mistake that was found in them. */
export type SettingsResult =
  | { readonly kind: 'settings'; readonly settings: Settings }
  | { readonly kind: 'issues'; readonly issues: readonly Issue[] }

/** Reads a file whole, or throws. */
export type ReadFile = (path: string) => Uint8Array

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

const DEFAULT_FILE = 'config/stepgate.yaml'

/**
 * Reads the settings: the file that `STEPGATE_CONFIG` names (else `config/stepgate.yaml`), with single values
 * replaced by `STEPGATE_*` variables. Paths, `policy` among them, are relative to the current folder.
 */
export function readSettings(env: Environment, readFile: ReadFile): SettingsResult {
  const name = env[CONFIG_VARIABLE] || DEFAULT_FILE
  const text = readText(name, readFile)
  if (typeof text !== 'string') return { kind: 'issues', issues: [text] }
  const { file, issues } = parseSource({ file: name, text })
  return file === null ? refused(issues) : settle(file, env)
}

function refused(issues: readonly Issue[]): SettingsResult {
  return { kind: 'issues', issues: issues.map(withoutSecrets) }
}

function settle(file: SourceFile, env: Environment): SettingsResult {
  const leaves = leavesOf(settingsSchema, givenNames(file.data))
  const { overrides, issues } = readOverrides(env, leaves)
  const data = applyOverrides(file.data, overrides)
  const parsed = settingsSchema.safeParse(data, { reportInput: true })
  issues.push(...issuerIssues(file, data), ...spiffeIssues(file, data))
  issues.push(...schemaIssues(file, overrides, parsed.error?.issues ?? []))
  if (!parsed.success || issues.length > 0) return refused(issues)
  const issuers = Object.entries(parsed.data.issuers).map(([name, issuer]) => ({ name, ...issuer }))
  const settings = { ...parsed.data, issuers, file: file.file, otel: otelVariables(env) }
  return { kind: 'settings', settings: freeze(settings) }
}

function readText(file: string, readFile: ReadFile): string | Issue {
  let bytes: Uint8Array
  try {
    bytes = readFile(file)
  } catch (error) {
    const message = `the settings cannot be read: ${error instanceof Error ? error.message : error}`
    const hint = `run in the folder that has \`${DEFAULT_FILE}\`, or name the file by ${CONFIG_VARIABLE}`
    return fileIssue(file, { code: 'unreadable', message, hint })
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const hint = 'save it again with the encoding UTF-8'
    return fileIssue(file, { code: 'not-utf8', message: 'the file is not UTF-8 text', hint })
  }
}

function fileIssue(file: string, what: Pick<Issue, 'code' | 'message' | 'hint'>): Issue {
  return { ...what, severity: 'error', file, line: 0, column: 0, source: '', length: 0 }
}

function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null) freeze(inner)
  }
  return Object.freeze(value)
}
