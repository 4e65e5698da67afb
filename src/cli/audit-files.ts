import { readdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { UsageError } from './world.ts'

/** The files of a record at a path: itself, or of a directory its `*.jsonl*`. */
export function auditFilesAt(path: string): readonly string[] {
  try {
    if (!statSync(path).isDirectory()) return [path]
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${reasonOf(error)}`)
  }
  const names = readdirSync(path).filter((name) => name.includes('.jsonl'))
  if (names.length === 0) throw new UsageError(`there is no *.jsonl* in ${path}`)
  return names.map((name) => join(path, name))
}

/** The file that the service writes, and those that were put aside beside it. */
export function auditFilesOf(file: string): readonly string[] {
  const [own] = auditFilesAt(file)
  const aside = readdirSync(dirname(file)).filter((name) => name.startsWith(`${basename(file)}.`))
  return [own ?? file, ...aside.map((name) => join(dirname(file), name))]
}

/** The message of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
