import type { PolicyDocument } from './schema.ts'
import { checkShape } from './shape.ts'
import type { NodePath, SourceFile } from './source-file.ts'

/** Lists whose entries stand alone: one of the wrong shape can be left out, and the others still be checked. */
const LISTS = ['rules', 'signals'] as const

/** What can be understood of a file with mistakes of shape, and the file as it then reads. */
export type SoundPart = { readonly document: PolicyDocument; readonly file: SourceFile }

/**
 * The file without its misshapen rules and signals, so that mistakes of meaning in the others are found in the same
 * run; null when a mistake of shape stands anywhere else, since others may build on it.
 */
export function soundPart(file: SourceFile): SoundPart | null {
  if (!isRecord(file.data)) return null
  const kept = new Map(LISTS.map((list) => [list, soundEntries(file, list)]))
  const data = { ...file.data }
  for (const [list, indices] of kept) {
    const entries = data[list]
    if (Array.isArray(entries)) data[list] = indices.map((index): unknown => entries[index])
  }
  const { document } = checkShape({ ...file, data })
  return document && { document, file: readdressed(file, kept) }
}

/** Indices of the entries that are right on their own. */
function soundEntries(file: SourceFile, list: (typeof LISTS)[number]): readonly number[] {
  const entries = isRecord(file.data) ? file.data[list] : undefined
  if (!Array.isArray(entries)) return []
  return entries.flatMap((entry: unknown, index) => {
    const { document } = checkShape({ ...file, data: { version: 1, [list]: [entry] } })
    return document ? [index] : []
  })
}

/** The same file, addressed by the indices that are left. */
function readdressed(file: SourceFile, kept: ReadonlyMap<string, readonly number[]>): SourceFile {
  const original = (path: NodePath): NodePath => {
    const [list, index, ...rest] = path
    const at = typeof index === 'number' ? kept.get(String(list))?.[index] : undefined
    return at === undefined ? path : [String(list), at, ...rest]
  }
  return {
    ...file,
    spanOf: (path) => file.spanOf(original(path)),
    spanOfKey: (path) => file.spanOfKey(original(path)),
    spanWithin: (path, start, end) => file.spanWithin(original(path), start, end),
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
