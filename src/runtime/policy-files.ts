import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Issue } from '../domain/issue.ts'
import { decodeUtf8 } from './decode-utf8.ts'
import { tooLarge, unreadable } from './file-issues.ts'

/** One policy file: its name as the operator wrote it, and its text. */
export type PolicySource = { readonly file: string; readonly text: string }

/**
 * What was found at a path: every file, or what kept one from being read. Equal `key`s mean equal findings;
 * `revision` names the content for people.
 */
export type PolicyFiles = { readonly key: string } & (
  | { readonly ok: true; readonly revision: string; readonly sources: readonly PolicySource[] }
  | { readonly ok: false; readonly issues: readonly Issue[] }
)

/** Hexadecimal digits: enough to tell the versions of one policy apart. */
const REVISION_LENGTH = 12

type Reading = { readonly source: PolicySource } | { readonly issue: Issue }

/**
 * Reads a policy: the file at `path`, or the `*.yaml` of the directory there, `*.test.yaml` and hidden ones aside,
 * sorted by name. `maxBytes` bounds all of them together. Never rejects.
 */
export async function readPolicyFiles(path: string, maxBytes: number): Promise<PolicyFiles> {
  try {
    const files = await listPolicyFiles(path)
    if (files.length === 0) return failed([unreadable(path, 'the directory has no *.yaml file')])
    const size = await totalSize(files)
    if (size > maxBytes) return failed([tooLarge(path, size, maxBytes)])
    return collected(await Promise.all(files.map(readSource)))
  } catch (error) {
    return failed([unreadable(path, error)])
  }
}

/**
 * A cheap sign of change: differs whenever a file was added, removed, replaced or written, unless within the clock
 * tick of the file system. Never rejects.
 */
export async function stampPolicyFiles(
  path: string,
  lists: readonly string[] = [],
): Promise<string> {
  try {
    const files = await listPolicyFiles(path)
    return (await Promise.all([...files.map(stampFile), ...lists.map(stampList)])).join('\n')
  } catch (error) {
    return String(error)
  }
}

async function listPolicyFiles(path: string): Promise<readonly string[]> {
  if (!(await stat(path)).isDirectory()) return [path]
  const names = (await readdir(path)).filter(isPolicyName).sort()
  return names.map((name) => join(path, name))
}

function isPolicyName(name: string): boolean {
  return name.endsWith('.yaml') && !name.endsWith('.test.yaml') && !name.startsWith('.')
}

async function stampFile(file: string): Promise<string> {
  const { dev, ino, size, mtimeNs, ctimeNs, mode } = await stat(file, { bigint: true })
  return [file, dev, ino, size, mtimeNs, ctimeNs, mode].join(' ')
}

/** The same for files that a policy names. */
export async function stampLists(files: readonly string[]): Promise<string> {
  return (await Promise.all(files.map(stampList))).join('\n')
}

/** A list that is gone is a change like any other. */
function stampList(file: string): Promise<string> {
  return stampFile(file).catch(String)
}

async function totalSize(files: readonly string[]): Promise<number> {
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

async function readSource(file: string): Promise<Reading> {
  try {
    // Anything else, such as a pipe, might never end.
    if (!(await stat(file)).isFile()) return { issue: unreadable(file, 'it is not a file') }
    const decoded = decodeUtf8(file, await readFile(file))
    return decoded.ok ? { source: { file, text: decoded.text } } : { issue: decoded.issue }
  } catch (error) {
    return { issue: unreadable(file, error) }
  }
}

function collected(readings: readonly Reading[]): PolicyFiles {
  const issues = readings.flatMap((reading) => ('issue' in reading ? [reading.issue] : []))
  if (issues.length > 0) return failed(issues)
  const sources = readings.flatMap((reading) => ('source' in reading ? [reading.source] : []))
  return { ok: true, sources, key: keyOf(sources), revision: revisionOf(sources) }
}

function failed(issues: readonly Issue[]): PolicyFiles {
  return { ok: false, issues, key: keyOf(issues) }
}

/** Of the texts alone: replicas that keep the same policy in different places name it alike. */
export function revisionOf(sources: readonly PolicySource[]): string {
  return digestOf(sources).slice(0, REVISION_LENGTH)
}

/** The whole SHA-256, of which the revision is the beginning, in hexadecimal. */
export function digestOf(sources: readonly PolicySource[]): string {
  return keyOf(sources.map((source) => source.text))
}

function keyOf(content: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}
