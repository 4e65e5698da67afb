import { readFileSync } from 'node:fs'
import type { Issue } from '../domain/issue.ts'
import { nearest } from '../domain/nearest.ts'
import type { CompiledPolicy, Scope } from '../policy/compiled-policy.ts'
import type { Expression } from '../policy/expression/expression.ts'
import { parseSource } from '../policy/text/source-file.ts'
import { withoutSecrets } from '../settings/issues.ts'
import type { Settings } from '../settings/read-settings.ts'

/** Warns of each name in `audit.mask.inputs` that no condition of the policy reads: what was meant is masked as `*` is. */
export function maskIssues({ audit, file }: Settings, policy: CompiledPolicy): readonly Issue[] {
  const read = namesRecorded(policy)
  const unread = Object.keys(audit?.mask.inputs ?? {}).filter(
    (name) => name !== '*' && !read.has(name),
  )
  if (unread.length === 0) return []
  const source = parseSource({ file, text: readFileSync(file, 'utf8') }).file
  if (source === null) return []
  return unread.map((name) => {
    const close = nearest(name, read)
    const issue = source.issue(source.spanOfKey(['audit', 'mask', 'inputs', name]), {
      severity: 'warning',
      code: 'unread-input',
      message: `no condition of the policy reads \`${name}\``,
      hint: close ? `did you mean \`${close}\`?` : 'remove it, or give the name as conditions do',
    })
    return withoutSecrets(issue)
  })
}

/** The names under which records have what conditions read. */
function namesRecorded({ rules }: CompiledPolicy): ReadonlySet<string> {
  const names = new Set<string>()
  for (const { scope, when, unless } of rules) {
    for (const expression of [when, unless]) addNames(expression, scope, names)
  }
  return names
}

function addNames(expression: Expression | null, scope: Scope, names: Set<string>): void {
  for (const name of expression?.names ?? []) {
    names.add(name)
    const [root, variable = ''] = name.split('.')
    if (root === 'variables') addNames(scope.variables.get(variable) ?? null, scope, names)
  }
}
