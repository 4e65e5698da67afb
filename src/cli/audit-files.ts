import { existsSync, readdirSync, type Stats, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { UsageError } from './world.ts'

/** The files of a record at a path: itself, or of a directory its `*.jsonl*`. */
export function auditFilesAt(path: string): readonly string[] {
  const stat = statOf(path)
  if (stat.isFile()) return [path]
  if (!stat.isDirectory())
    throw new UsageError(`${path} is no plain file: a record is read more than once`)
  const names = filesIn(path).filter((name) => name.includes('.jsonl'))
  if (names.length === 0) throw new UsageError(`there is no *.jsonl* in ${path}`)
  return names.map((name) => join(path, name))
}

/** The file that the service writes, and those that were put aside beside it; it may be on the point of making another. */
export function auditFilesOf(file: string): readonly string[] {
  const [folder, base] = [dirname(file), basename(file)]
  const isBeside = (name: string) => /^[.-]/.test(name.slice(base.length)) && name.startsWith(base)
  const aside = existsSync(folder) ? filesIn(folder).filter(isBeside) : []
  const own = aside.length === 0 || existsSync(file) ? auditFilesAt(file) : []
  return [...own, ...aside.map((name) => join(folder, name))]
}

function statOf(path: string): Stats {
  try {
    return statSync(path)
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${reasonOf(error)}`)
  }
}

function filesIn(folder: string): readonly string[] {
  const entries = readdirSync(folder, { withFileTypes: true })
  return entries.flatMap((entry) => (entry.isDirectory() ? [] : [entry.name]))
}

/** The message of whatever was thrown. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
