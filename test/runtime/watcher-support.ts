import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import type { Issue } from '../../src/domain/issue.ts'
import { type Loaded, startPolicyWatcher } from '../../src/runtime/policy-watcher.ts'

type Report =
  | { readonly kind: 'loaded'; readonly loaded: Loaded<string> }
  | { readonly kind: 'rejected'; readonly issues: readonly Issue[] }

const NO_PLACE = { file: 'x', line: 1, column: 1, source: '', length: 1, hint: null } as const
const BROKEN: Issue = { severity: 'error', code: 'broken', message: 'is broken', ...NO_PLACE }

/** A loader whose policy is the text itself, and which refuses whatever says `broken`. */
function load(sources: readonly { text: string }[]) {
  const text = sources.map((source) => source.text).join('+')
  if (text.includes('throw')) throw new Error('out of order')
  return text.includes('broken') ? { policy: null, issues: [BROKEN] } : { policy: text, issues: [] }
}

/** Reports in order; `next` waits for one. Everything that was not taken is in `left`. */
function createInbox() {
  const reports: Report[] = []
  let arrived = () => {}
  return {
    left: reports,
    put: (report: Report) => {
      reports.push(report)
      arrived()
    },
    next: async (): Promise<Report> => {
      while (reports.length === 0) {
        await new Promise<void>((resolve) => {
          arrived = resolve
        })
      }
      return reports.shift() ?? assert.fail()
    },
  }
}

/** A folder that is gone after the test. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'stepgate-watch-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A watcher whose reports the test awaits one by one; one too many fails it. */
export async function watchPolicy(t: TestContext, path: string, maxBytes?: number) {
  const inbox = createInbox()
  const watcher = await startPolicyWatcher<string>({
    path,
    load,
    onLoaded: (loaded) => inbox.put({ kind: 'loaded', loaded }),
    onRejected: (issues) => inbox.put({ kind: 'rejected', issues }),
    now: () => performance.now(),
    ...(maxBytes === undefined ? {} : { maxBytes }),
  })
  t.after(async () => {
    await watcher.stop()
    assert.deepEqual(inbox.left, [], 'nothing is reported that the test does not expect')
  })
  const expectPolicy = async (policy: string) => {
    const report = await inbox.next()
    assert.equal(report.kind === 'loaded' ? report.loaded.policy : report.issues[0]?.code, policy)
    return report.kind === 'loaded' ? report.loaded : assert.fail()
  }
  const expectIssue = async (code: string) => {
    const report = await inbox.next()
    assert.equal(report.kind === 'rejected' ? report.issues[0]?.code : report.loaded.policy, code)
    return (report.kind === 'rejected' && report.issues[0]) || assert.fail()
  }
  return { watcher, inbox, expectPolicy, expectIssue }
}

/** A watched file that says `one`, already loaded. */
export async function watchFile(t: TestContext) {
  const folder = await temporaryFolder(t)
  const file = join(folder, 'policy.yaml')
  writeFileSync(file, 'one')
  const watched = await watchPolicy(t, file)
  await watched.expectPolicy('one')
  return { folder, file, ...watched }
}
