import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ReadList } from '../policy/compile-definitions.ts'

/** Lists of networks as they were read, by their absolute path. */
export type ReadLists = ReadonlyMap<string, ReturnType<ReadList>>

/** Reads lists from the file system, each once, and remembers what was read. */
export function createListReader(): { readonly readList: ReadList; readonly read: ReadLists } {
  const read = new Map<string, ReturnType<ReadList>>()
  const readList: ReadList = (policyFile, path) => {
    const file = listPath(policyFile, path)
    const list = read.get(file) ?? readFile(file)
    read.set(file, list)
    return list
  }
  return { readList, read }
}

/** Answers with lists that were read before, so that what was checked is what is compiled. */
export function fromRead(read: ReadLists): ReadList {
  return (policyFile, path) =>
    read.get(listPath(policyFile, path)) ?? { problem: 'it was not read' }
}

/** A list stands where a policy file names it: relative to that file. */
function listPath(policyFile: string, path: string): string {
  return resolve(dirname(policyFile), path)
}

function readFile(file: string): ReturnType<ReadList> {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)) }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
