import { readFileSync } from 'node:fs'
import type { Issue } from '../domain/issue.ts'
import type { PolicySource } from '../policy/text/source-file.ts'
import { decodeUtf8 } from '../runtime/decode-utf8.ts'
import type { Read } from '../scenario/read-tests.ts'
import { UsageError } from './world.ts'

/** Reads a file of YAML by what the scenario layer makes of it; one that is no UTF-8 is a mistake in it. */
export function readSource<T>(file: string, read: (source: PolicySource) => Read<T>): Read<T> {
  const decoded = decodeUtf8(file, readBytes(file))
  if (decoded.ok) return read({ file, text: decoded.text })
  const issues: readonly Issue[] = [decoded.issue]
  return { ok: false, issues }
}

/** The bytes of a file that the command line names; without them it can do nothing. */
export function readBytes(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${error instanceof Error ? error.message : error}`)
  }
}
