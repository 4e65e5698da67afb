import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import type { LogLine } from './journal.ts'
import { POLICY, type Stack } from './stack.ts'

/** Editors save in several steps; milliseconds of silence after which a file counts as saved. */
const SETTLED = 100

/**
 * Copies `config/policy.yaml` whenever it is saved, and says what Stepgate makes of it: the new one is live, or the old
 * one stays and why. Returns the function that ends it.
 */
export function followPolicy(stack: Stack, say: (line: string) => void): () => void {
  let timer: NodeJS.Timeout | undefined
  const copy = () =>
    readFile(POLICY, 'utf8')
      .then(stack.writePolicy)
      .catch((error) => say(`policy: ${POLICY} cannot be read (${error.code}); the last one stays`))
  // The folder, because editors replace the file and a watch on the file would be left with the old one.
  const watcher = watch(dirname(POLICY), (_event, name) => {
    if (name !== basename(POLICY)) return
    clearTimeout(timer)
    timer = setTimeout(copy, SETTLED)
  })
  stack.service.journal.follow((line) => {
    const news = policyNews(line, stack.policy)
    if (news !== null) say(news)
  })
  return () => {
    clearTimeout(timer)
    watcher.close()
  }
}

/** What a line of the service's log says about the policy, with the name that the reader edits; null for nothing. */
function policyNews(line: LogLine, copy: string): string | null {
  const { event, revision, rules, warnings, issues, serving } = line
  const named = (text: unknown) => String(text).replaceAll(copy, 'config/policy.yaml')
  if (event === 'policy-loaded') {
    const doubts = warnings ? `; it has doubts:\n\n${named(warnings)}\n` : ''
    return `policy: picked up, ${rules} rules, revision ${revision}${doubts}`
  }
  if (event !== 'policy-rejected') return null
  return `policy: not taken over, revision ${serving} stays\n\n${named(issues)}\n`
}
