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

/** The rotated file that was written last; null when there is none, or it is no record that can be continued. */
export async function findPredecessor(path: string, fs: AuditFs): Promise<Predecessor | null> {
  const [folder, base] = [dirname(path), basename(path)]
  const names = (await fs.readdir(folder)).filter(
    (name) => name.startsWith(base) && ROTATED.test(name.slice(base.length)),
  )
  const times = await Promise.all(
    names.map(async (name) => ({ name, at: (await fs.stat(join(folder, name))).mtimeMs })),
  )
  const latest = times.toSorted((a, b) => b.at - a.at || (a.name < b.name ? 1 : -1))[0]
  if (!latest) return null
  const handle = await fs.open(join(folder, latest.name), 'r')
  try {
    const tail = await readTail(handle, (await handle.stat()).size)
    return tail.kind === 'chain' ? { name: latest.name, tail } : null
  } finally {
    await handle.close()
  }
}
