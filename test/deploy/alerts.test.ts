import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, it } from 'node:test'
import { promisify } from 'node:util'
import { ROOT, readYaml } from './files.ts'

type Tests = {
  readonly tests: readonly {
    readonly alert_rule_test: readonly {
      readonly alertname: string
      readonly exp_alerts: readonly unknown[]
    }[]
  }[]
}
type Rules = {
  readonly groups: readonly { readonly rules: readonly { readonly alert?: string }[] }[]
}

const FILES = ['deploy/alerts.test.yml', 'deploy/alerts-days.test.yml']

const promtool = findPromtool(process.env)
const skip = promtool === null ? 'no promtool: install Prometheus, or set PROMTOOL_BIN' : false

describe('the unit tests of the alerts', () => {
  const { groups } = readYaml<Rules>('deploy/alerts.yml')
  const cases = FILES.flatMap((file) => readYaml<Tests>(file).tests).flatMap(
    (test) => test.alert_rule_test,
  )

  for (const { alert } of groups.flatMap(({ rules }) => rules)) {
    if (alert === undefined) continue
    it(`show ${alert} firing`, () => {
      assert.ok(
        cases.some(({ alertname, exp_alerts }) => alertname === alert && exp_alerts.length > 0),
      )
    })
  }

  it('pass', { skip }, () => runPromtool('test', 'rules', ...FILES))
})

it('Prometheus takes its configuration and the alerts', { skip }, () =>
  runPromtool('check', 'config', 'deploy/prometheus.yml'),
)

/** Rejects with what it said when it finds something wrong. */
async function runPromtool(...args: readonly string[]): Promise<void> {
  await promisify(execFile)(promtool ?? '', [...args], { cwd: ROOT })
}

function findPromtool(env: NodeJS.ProcessEnv): string | null {
  const places = (env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'promtool'))
  const candidates = env.PROMTOOL_BIN ? [env.PROMTOOL_BIN] : places
  return candidates.find(isExecutable) ?? null
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
