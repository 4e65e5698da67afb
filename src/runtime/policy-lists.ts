import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { ReadList } from '../policy/compile-definitions.ts'
import { parseNetworkList } from '../policy/match/network-list.ts'

/** Lists of networks as they were read, by their absolute path. */
export type ReadLists = ReadonlyMap<string, ReturnType<ReadList>>

/** Bytes of a list: ten million addresses. */
const MAX_BYTES = 256 * 1024 * 1024

/** Reads lists from the file system, each once, and remembers what was read. `maxBytes` bounds each. */
export function createListReader(maxBytes = MAX_BYTES): {
  readonly readList: ReadList
  readonly read: ReadLists
} {
  const read = new Map<string, ReturnType<ReadList>>()
  const readList: ReadList = (policyFile, path) => {
    const file = listPath(policyFile, path)
    const list = read.get(file) ?? readFile(file, maxBytes)
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

/** The memory of what was read, to be handed to another thread without a copy. */
export function buffersOf(read: ReadLists): readonly ArrayBuffer[] {
  return [...read.values()].flatMap((list) =>
    'networks' in list ? [list.networks.v4.buffer, list.networks.v6.buffer] : [],
  )
}

function readFile(file: string, maxBytes: number): ReturnType<ReadList> {
  try {
    const found = statSync(file)
    // Anything else, such as a pipe, might never end.
    if (!found.isFile()) return { problem: 'it is not a file' }
    if (found.size > maxBytes)
      return { problem: `it has ${found.size} bytes, and at most ${maxBytes} are read` }
    return parseNetworkList(new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file)))
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
