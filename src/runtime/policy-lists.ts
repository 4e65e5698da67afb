import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ReadList } from '../policy/compile-definitions.ts'

/** Where a list stands that a policy file names: relative to that file. */
export function listPath(policyFile: string, path: string): string {
  return resolve(dirname(policyFile), path)
}

/** Reads a list of networks from the file system. */
export const readList: ReadList = (policyFile, path) => {
  try {
    const bytes = readFileSync(listPath(policyFile, path))
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
