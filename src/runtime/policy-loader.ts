import { setImmediate as nextTurn } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Issue } from '../domain/issue.ts'
import type { CompiledPolicy } from '../policy/compiled-policy.ts'
import { compileChecked, type LoadedPolicy, loadPolicy, type PlainFile } from '../policy/load.ts'
import type { PolicySource } from '../policy/text/source-file.ts'
import { createListReader, fromRead, type ReadLists } from './policy-lists.ts'

/** What the worker is started with. */
export type WorkerOrder = {
  readonly sources: readonly PolicySource[]
  readonly issuers: readonly string[]
  readonly sharedSignals?: boolean | undefined
  readonly revision: string
  readonly today: string
}

/** What the worker tells, in this order. */
export type WorkerReport =
  | {
      readonly kind: 'checked'
      readonly issues: readonly Issue[]
      readonly lists: ReadLists
      readonly files: readonly PlainFile[] | null
    }
  | { readonly kind: 'rules'; readonly file: number; readonly rules: Rules }
  | { readonly kind: 'end' }

type Rules = NonNullable<PlainFile['document']['rules']>

/** Loads policies for a process that decides meanwhile. */
export type PolicyLoader = {
  readonly load: (sources: readonly PolicySource[], revision: string) => Promise<LoadedPolicy>
  /** The lists that the last load read besides the policy's own files. */
  readonly lists: () => readonly string[]
}

/** What a loader needs from outside. */
export type PolicyLoaderDeps = {
  readonly issuers: readonly string[]
  /** False when nobody tells the service of security events. */
  readonly sharedSignals?: boolean
  /** ISO date. */
  readonly today: () => string
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
}

/** Milliseconds that compiling may take of a turn of the event loop. */
const SLICE = 4

/**
 * Creates a loader. The first policy is loaded at once, as nothing can be decided before; each later one is parsed and
 * checked in a worker and compiled in slices, so that no request waits for it.
 */
export function createPolicyLoader(deps: PolicyLoaderDeps): PolicyLoader {
  const { today, clock, ...known } = deps
  let lists: ReadLists = new Map()
  let isFirst = true
  const loadFirst = (sources: readonly PolicySource[], revision: string): LoadedPolicy => {
    const { readList, read } = createListReader()
    const loaded = loadPolicy(sources, { ...known, revision, today: today(), readList })
    lists = read
    return loaded
  }
  return {
    lists: () => [...lists.keys()],
    load: async (sources, revision) => {
      if (isFirst) {
        isFirst = false
        return loadFirst(sources, revision)
      }
      const checked = await checkInWorker({ ...known, sources, revision, today: today() })
      lists = checked.lists
      const { files, issues } = checked
      if (files === null) return { policy: null, issues }
      const context = { ...known, revision, readList: fromRead(lists) }
      return { policy: await inSlices(compileChecked(files, context), clock), issues }
    },
  }
}

/** What the worker found: documents when there is no error, and the lists that it read in any case. */
type Checked = {
  readonly files: readonly PlainFile[] | null
  readonly issues: readonly Issue[]
  readonly lists: ReadLists
}

/** Runs the worker to its end. An exception in it, or an end without a word, rejects. */
function checkInWorker(workerData: WorkerOrder): Promise<Checked> {
  const { promise, resolve, reject } = Promise.withResolvers<Checked>()
  let found: Checked = { files: null, issues: [], lists: new Map() }
  const worker = new Worker(workerFile(), { workerData })
  worker.unref()
  worker.on('message', (report: WorkerReport) => {
    switch (report.kind) {
      case 'checked':
        found = report
        return
      case 'rules':
        addRules(found.files?.[report.file], report.rules)
        return
      case 'end':
        return resolve(found)
    }
  })
  worker.on('error', reject)
  worker.on('exit', (code) => reject(new Error(`the policy worker ended with ${code}`)))
  return promise
}

/** The extension is that of this file: `.ts` in the repository, `.js` once it is built. */
function workerFile(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./policy-worker.${extension}`, import.meta.url)
}

function addRules(file: PlainFile | undefined, rules: Rules): void {
  file?.document.rules?.push(...rules)
}

async function inSlices(
  steps: Generator<void, CompiledPolicy>,
  clock: () => number,
): Promise<CompiledPolicy> {
  for (let until = clock() + SLICE; ; ) {
    const step = steps.next()
    if (step.done) return step.value
    if (clock() < until) continue
    await nextTurn()
    until = clock() + SLICE
  }
}
