import { type FSWatcher, statSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Issue } from '../domain/issue.ts'
import { type Bell, createBell } from './bell.ts'
import { loadFailed } from './file-issues.ts'
import { createHalfWritten } from './half-written.ts'
import {
  type PolicyFiles,
  type PolicySource,
  readPolicyFiles,
  stampLists,
  stampPolicyFiles,
} from './policy-files.ts'

/** What loading made of the files: with a policy the issues are warnings, with null some are errors. */
export type LoadResult<Policy> = {
  readonly policy: Policy | null
  readonly issues: readonly Issue[]
}

/** A policy that was loaded just now. */
export type Loaded<Policy> = {
  readonly policy: Policy
  readonly revision: string
  readonly warnings: readonly Issue[]
  readonly files: readonly string[]
  /** The files with their texts. */
  readonly sources: readonly PolicySource[]
  readonly durationMs: number
}

/** What the watcher watches, and whom it tells. */
export type PolicyWatcherDeps<Policy> = {
  /** A file, or a directory of `*.yaml`. */
  readonly path: string
  /** `revision` is derived from the content: equal texts, equal revision. */
  readonly load: (
    sources: readonly PolicySource[],
    revision: string,
  ) => LoadResult<Policy> | Promise<LoadResult<Policy>>
  /** Files that the last load read besides; when one of them changes, everything is loaded again. */
  readonly lists?: () => readonly string[]
  readonly onLoaded: (loaded: Loaded<Policy>) => void
  readonly onRejected: (issues: readonly Issue[], durationMs: number) => void
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number
  readonly maxBytes?: number
}

/** A running watcher. */
export type PolicyWatcher = {
  /** Resolves when nothing of it is left; reports nothing any more from the call on. */
  stop(): Promise<void>
}

const MAX_BYTES = 16 * 1024 * 1024

/** Milliseconds between two looks when the file system says nothing: it does not always. */
const POLL = 500

/** Milliseconds that files must stay as they are before they count as written. */
const SETTLE = 50

/** What the last look saw; `settled` once two looks in a row saw the same. */
type Look = { readonly stamp: string; readonly key: string; readonly settled: boolean }

/**
 * Loads the policy at `path` and again whenever its content changes. The first load is awaited. Replacement by
 * rename, swapped symbolic links, half-written and deleted files are seen as what they become once they settle, and
 * each content is tried and reported once.
 */
export async function startPolicyWatcher<Policy>(
  deps: PolicyWatcherDeps<Policy>,
): Promise<PolicyWatcher> {
  const bell = createBell()
  const stopping = new AbortController()
  const watcher = watchFolder(deps.path, bell)
  const look = createLook(deps, bell, stopping.signal)
  await look(true)
  const loop = keepLooking(look, bell, stopping.signal)
  return {
    stop: async () => {
      stopping.abort()
      watcher?.close()
      bell.ring()
      await loop
    },
  }
}

async function keepLooking(
  look: (atOnce: boolean) => Promise<void>,
  bell: Bell,
  stopping: AbortSignal,
): Promise<void> {
  while (!stopping.aborted) {
    await bell.wait(POLL)
    // Also bounds the looks to one each `SETTLE`, however often the folder changes.
    await pause(SETTLE, undefined, { ref: false, signal: stopping }).catch(() => {})
    // A listener that throws has been told; the watch must outlive it.
    if (!stopping.aborted) await look(false).catch(() => {})
  }
}

/** Creates the function that looks once; `atOnce` does not wait for the content to settle. */
function createLook<Policy>(
  deps: PolicyWatcherDeps<Policy>,
  bell: Bell,
  stopping: AbortSignal,
): (atOnce: boolean) => Promise<void> {
  let last: Look = { stamp: '', key: '', settled: false }
  let tried = ''
  const halfWritten = createHalfWritten(deps.now)
  const isDue = (found: PolicyFiles, content: string, atOnce: boolean): boolean => {
    if (content === tried || !(last.settled || atOnce)) return false
    if (!found.ok || !halfWritten(found.sources, content)) return true
    last = { ...last, settled: false }
    bell.ring()
    return false
  }
  return async (atOnce) => {
    const stamp = await stampPolicyFiles(deps.path, deps.lists?.())
    if (last.settled && stamp === last.stamp) return
    const found = await readPolicyFiles(deps.path, deps.maxBytes ?? MAX_BYTES)
    last = nextLook(last, stamp, found.key)
    if (!last.settled) bell.ring()
    if (!isDue(found, await withLists(deps, found.key), atOnce)) return
    await attempt(deps, found, stopping)
    tried = await withLists(deps, found.key)
  }
}

/** What the policy's files and the lists that the last load read have become. */
async function withLists<Policy>(
  { lists }: PolicyWatcherDeps<Policy>,
  key: string,
): Promise<string> {
  return [key, await stampLists(lists?.() ?? [])].join('\n')
}

/** The stamp must agree too: a write within one tick of the file system's clock would be missed for ever. */
function nextLook(last: Look, stamp: string, key: string): Look {
  return { stamp, key, settled: stamp === last.stamp && key === last.key }
}

/** Loads what was found and tells of it. An exception of the loader's is a rejection like any other. */
async function attempt<Policy>(
  deps: PolicyWatcherDeps<Policy>,
  found: PolicyFiles,
  stopping: AbortSignal,
): Promise<void> {
  if (!found.ok) return deps.onRejected(found.issues, 0)
  const { sources, revision } = found
  const start = deps.now()
  const { policy, issues } = await loadSafely(deps, sources, revision)
  if (stopping.aborted) return
  const durationMs = deps.now() - start
  if (policy === null) return deps.onRejected(issues, durationMs)
  const files = sources.map((source) => source.file)
  deps.onLoaded({ policy, revision, warnings: issues, files, sources, durationMs })
}

async function loadSafely<Policy>(
  { path, load }: PolicyWatcherDeps<Policy>,
  sources: readonly PolicySource[],
  revision: string,
): Promise<LoadResult<Policy>> {
  try {
    return await load(sources, revision)
  } catch (error) {
    return { policy: null, issues: [loadFailed(path, error)] }
  }
}

/**
 * Rings when the folder changes, so that a change is live sooner than the next poll. The folder, not the file: a
 * watch on a file stays with the old one when another is renamed over it. Without it, polling sees everything.
 */
function watchFolder(path: string, bell: Bell): FSWatcher | null {
  try {
    const folder = statSync(path).isDirectory() ? path : dirname(path)
    const watcher = watch(folder, { persistent: false }, () => bell.ring())
    return watcher.on('error', () => watcher.close())
  } catch {
    return null
  }
}
