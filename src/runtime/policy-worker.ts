import { parentPort, workerData } from 'node:worker_threads'
import { checkPolicy } from '../policy/load.ts'
import { buffersOf, createListReader } from './policy-lists.ts'
import type { WorkerOrder, WorkerReport } from './policy-loader.ts'

/** How many rules go to the other thread at once: taking them in must not hold it up. */
const CHUNK = 200

/** Checks the policy that it is started with, and reports: first what was found, then the rules in portions. */
function work({ sources, ...known }: WorkerOrder): void {
  const { readList, read } = createListReader()
  const { documents, issues } = checkPolicy(sources, { ...known, readList })
  const files = documents?.map(withoutRules) ?? null
  post({ kind: 'checked', issues, lists: read, files }, buffersOf(read))
  for (const [file, { document }] of (documents ?? []).entries()) {
    const rules = document.rules ?? []
    for (let at = 0; at < rules.length; at += CHUNK) {
      post({ kind: 'rules', file, rules: rules.slice(at, at + CHUNK) })
    }
  }
  post({ kind: 'end' })
}

function withoutRules<T extends { readonly document: { readonly rules?: unknown } }>(file: T): T {
  return { ...file, document: { ...file.document, rules: [] } }
}

function post(report: WorkerReport, moved: readonly ArrayBuffer[] = []): void {
  parentPort?.postMessage(report, moved)
}

work(workerData as WorkerOrder)
