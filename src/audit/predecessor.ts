import { basename, dirname, join } from 'node:path'
import type { AuditFs } from './file-sink.ts'
import { readTail, type Tail } from './tail.ts'

/** The file that a new one follows, as it was put aside by us or by a rotation from outside. */
export type Predecessor = {
  readonly name: string
  readonly tail: Extract<Tail, { kind: 'chain' }>
}

/** What rotated files are called behind the name that they had: `.1`, `-20261123`, `.20261123T100000.000Z`. */
const ROTATED = /^[.-]\d[\dTZ.-]*$/

/** What may be the record behind that name, packed or not. */
const BESIDE = /^[.-]/
const PACKED = /\.(?:gz|bz2|xz|zst|lz4|zip)$/

/**
 * The rotated file that was written last; null when there is none, or the one that was written last cannot be continued:
 * a chain that went on from an older one would have two records of one number.
 */
export async function findPredecessor(path: string, fs: AuditFs): Promise<Predecessor | null> {
  const [folder, base] = [dirname(path), basename(path)]
  for (const name of await newestFirst(folder, base, fs)) {
    if (PACKED.test(name)) return null
    const tail = await tailOf(join(folder, name), fs)
    if (tail === null || tail.kind === 'foreign' || tail.kind === 'empty') continue
    const isRotated = ROTATED.test(name.slice(base.length))
    return isRotated && tail.kind === 'chain' ? { name, tail } : null
  }
  return null
}

async function newestFirst(folder: string, base: string, fs: AuditFs): Promise<readonly string[]> {
  const names = (await fs.readdir(folder)).filter(
    (name) => name.startsWith(base) && BESIDE.test(name.slice(base.length)),
  )
  const times = await Promise.all(
    names.map(async (name) => ({ name, at: (await fs.stat(join(folder, name))).mtimeMs })),
  )
  return times.toSorted((a, b) => b.at - a.at || (a.name < b.name ? 1 : -1)).map(({ name }) => name)
}

/** Null for what is no plain file. */
async function tailOf(path: string, fs: AuditFs): Promise<Tail | null> {
  if (!(await fs.stat(path)).isFile()) return null
  const handle = await fs.open(path, 'r')
  try {
    return await readTail(handle, (await handle.stat()).size)
  } finally {
    await handle.close()
  }
}
