import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type PolicySource, revisionOf } from './policy-files.ts'

/** Where the texts of policies are kept, each in a folder by its revision, and how much of them at most. */
export type RevisionSettings = {
  readonly folder: string
  readonly most: number
  readonly bytes: number
}

/** Keeps the texts of policies that have decided. */
export type RevisionKeeper = {
  /** Keeps a policy in the background; the oldest go when there are too many. */
  readonly keep: (revision: string, sources: readonly PolicySource[]) => void
  /** Resolves when what was asked for is done. */
  readonly settled: () => Promise<void>
}

/** The texts of a revision; why they cannot be had: nobody kept them, or they are others by now. */
export type RevisionReading =
  | { readonly kind: 'sources'; readonly sources: readonly PolicySource[] }
  | { readonly kind: 'missing' | 'changed' }

/** Names the files as the operator did; the texts stand beside it by their numbers. */
const MANIFEST = 'files.json'

const REVISION = /^[0-9a-f]{12}$/
const DRAFT = /^\.[0-9a-f]{12}-/

/** What a process that was killed has left half-written is gone after so many milliseconds. */
const ABANDONED = 60_000

/** Creates a keeper; one after the other, and `failed` is told of what could not be kept. */
export function createRevisionKeeper(
  settings: RevisionSettings,
  failed: (revision: string, error: unknown) => void,
): RevisionKeeper {
  let last = Promise.resolve()
  return {
    keep: (revision, sources) => {
      last = last
        .then(() => keepRevision(settings, revision, sources))
        .catch((error: unknown) => failed(revision, error))
    },
    settled: () => last,
  }
}

/** Reads the texts of a revision, and holds them against it: they are those that decided, or none. */
export async function readRevision(folder: string, revision: string): Promise<RevisionReading> {
  if (!REVISION.test(revision)) return { kind: 'missing' }
  const place = join(folder, revision)
  try {
    const names: unknown = JSON.parse(await readFile(join(place, MANIFEST), 'utf8'))
    if (!isNames(names)) return { kind: 'changed' }
    const texts = await Promise.all(
      names.map((name, at) => readFile(join(place, textName(name, at)), 'utf8')),
    )
    const sources = names.map((file, at) => ({ file, text: texts[at] ?? '' }))
    return revisionOf(sources) === revision ? { kind: 'sources', sources } : { kind: 'changed' }
  } catch (error) {
    return { kind: isMissing(error) ? 'missing' : 'changed' }
  }
}

/** Whole or not at all: another process may read it, or keep the same. */
async function keepRevision(
  settings: RevisionSettings,
  revision: string,
  sources: readonly PolicySource[],
): Promise<void> {
  const place = join(settings.folder, revision)
  const { kind } = await readRevision(settings.folder, revision)
  if (kind === 'sources') {
    const now = new Date()
    await utimes(place, now, now)
  } else {
    const draft = join(settings.folder, `.${revision}-${randomUUID()}`)
    await mkdir(draft, { recursive: true })
    for (const [at, { file, text }] of sources.entries())
      await writeFile(join(draft, textName(file, at)), text)
    await writeFile(join(draft, MANIFEST), JSON.stringify(sources.map(({ file }) => file)))
    await remove(settings.folder, revision)
    // Another process may have been faster: then it is there.
    await rename(draft, place).catch(() => remove(settings.folder, basename(draft)))
    if ((await readRevision(settings.folder, revision)).kind !== 'sources')
      throw new Error(`it could not be written to ${place}`)
  }
  await prune(settings, revision)
}

/** Others may prune the same folder at the same time: what is gone is gone. */
async function prune({ folder, most, bytes }: RevisionSettings, current: string): Promise<void> {
  const names = await readdir(folder)
  const places = names.filter((name) => REVISION.test(name)).map((name) => sized(folder, name))
  const kept = (await Promise.all(places)).filter((one) => one !== null)
  let [count, total] = [0, 0]
  for (const { name, size } of kept.toSorted((a, b) => b.at - a.at)) {
    count++
    total += size
    if (name !== current && (count > most || total > bytes)) await remove(folder, name)
  }
  for (const name of names.filter((one) => DRAFT.test(one))) {
    const draft = await stat(join(folder, name)).catch(() => null)
    if (draft !== null && Date.now() - draft.mtimeMs > ABANDONED) await remove(folder, name)
  }
}

async function sized(folder: string, name: string) {
  const place = join(folder, name)
  try {
    const files = await readdir(place)
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(place, file))).size))
    const size = sizes.reduce((sum, one) => sum + one, 0)
    return { name, size, at: (await stat(place)).mtimeMs }
  } catch {
    return null
  }
}

function remove(folder: string, name: string): Promise<void> {
  return rm(join(folder, name), { recursive: true, force: true })
}

function textName(file: string, at: number): string {
  return `${at}-${basename(file)}`
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
