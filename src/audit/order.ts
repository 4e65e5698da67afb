import { chainNamedIn, readLine } from './line.ts'
import { readLines } from './read-lines.ts'

/** How a file begins, as far as that can be read; it decides the file's place, not whether it is whole. */
type Beginning = {
  readonly path: string
  readonly chain: string | null
  readonly ts: string
  readonly seq: number
}

/** Puts files into the order in which they were written: chain by chain, and within each by number. */
export async function inOrder(paths: readonly string[]): Promise<readonly string[]> {
  const beginnings: Beginning[] = []
  for (const path of new Set(paths)) beginnings.push(await readBeginning(path))
  const only = onlyChain(beginnings)
  const chainOf = ({ chain, path }: Beginning) => chain ?? only ?? path
  const groups = Object.values(Object.groupBy(beginnings, chainOf))
  return groups
    .map((group = []) => group.toSorted((a, b) => a.seq - b.seq))
    .toSorted((a, b) => ((a[0]?.ts ?? '') < (b[0]?.ts ?? '') ? -1 : 1))
    .flatMap((group) => group.map(({ path }) => path))
}

/** Where there is one chain only, a file that does not say so is of it as well. */
function onlyChain(beginnings: readonly Beginning[]): string | null {
  const chains = new Set(beginnings.flatMap(({ chain }) => (chain === null ? [] : [chain])))
  return chains.size === 1 ? ([...chains][0] ?? null) : null
}

async function readBeginning(path: string): Promise<Beginning> {
  let found: Beginning | null = null
  const look = (line: Buffer) => {
    const reading = found === null ? readLine(line) : null
    if (reading !== null)
      found = { path, chain: chainNamedIn(line), ts: reading.ts, seq: reading.seq }
  }
  await readLines(path, look, () => found === null)
  return found ?? { path, chain: null, ts: '', seq: 0 }
}
