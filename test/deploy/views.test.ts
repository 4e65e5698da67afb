import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { codeIn, tableRows } from '../docs/markdown.ts'
import { readText, readYaml } from './files.ts'
import { liveMetrics } from './live-metrics.ts'
import { readQuery, type Selector } from './promql.ts'

type Rule = {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly labels?: { readonly severity: string }
  readonly annotations?: { readonly summary: string; readonly runbook: string }
}
type Panel = {
  readonly id: number
  readonly title: string
  readonly type: string
  readonly gridPos: {
    readonly x: number
    readonly y: number
    readonly w: number
    readonly h: number
  }
  readonly datasource?: { readonly uid: string }
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[]
}
type Dashboard = {
  readonly uid: string
  readonly panels: readonly Panel[]
  readonly annotations: { readonly list: readonly { readonly expr: string }[] }
  readonly templating: {
    readonly list: readonly {
      readonly name: string
      readonly query: string | { readonly query: string }
    }[]
  }
}

const { groups } = readYaml<{ groups: readonly { rules: readonly Rule[] }[] }>('deploy/alerts.yml')
const rules = groups.flatMap((group) => group.rules)
const recorded = new Set(rules.flatMap(({ record }) => (record ? [record] : [])))
const dashboard = JSON.parse(readText('deploy/grafana/stepgate.json')) as Dashboard
const live = await liveMetrics()

/** What Prometheus adds to every series, and to buckets. */
const ADDED = ['job', 'instance', 'le']

describe('the alerts', () => {
  for (const { alert, record, expr } of rules) {
    it(`${alert ?? record} asks for what there is`, () => assertKnown(expr))
  }

  it('have names of their own, say how urgent they are, and where it is written what to do', () => {
    const alerts = rules.filter(({ alert }) => alert !== undefined)
    assert.equal(new Set(alerts.map(({ alert }) => alert)).size, alerts.length)
    assert.match(readText('docs/operating.md'), /^## Alerts$/m)
    for (const { alert, labels, annotations } of alerts) {
      assert.match(labels?.severity ?? '', /^(page|ticket)$/, alert)
      assert.ok(annotations?.summary, alert)
      assert.equal(annotations.runbook, 'docs/operating.md#alerts')
    }
  })

  it('each have a row in the document, as urgent as they are', () => {
    const rows = tableRows('docs/operating.md', 'alert').map(
      ([name = '', severity]) => `${codeIn(name)[0]} ${severity}`,
    )
    const alerts = rules.flatMap(({ alert, labels }) =>
      alert ? [`${alert} ${labels?.severity}`] : [],
    )
    assert.deepEqual(rows.toSorted(), alerts.toSorted())
  })

  it('name in their text only labels that their expression keeps', () => {
    for (const { alert, expr, annotations } of rules.filter((rule) => rule.alert !== undefined)) {
      const { selectors, groupedBy } = readQuery(expr)
      const kept = groupedBy.length > 0 ? groupedBy : [...ADDED, ...labelsOf(selectors)]
      for (const [, label = ''] of (annotations?.summary ?? '').matchAll(/\$labels\.(\w+)/g)) {
        assert.ok(kept.includes(label), `${alert}: ${label}`)
      }
    }
  })
})

describe('the dashboard', () => {
  for (const { title, targets = [], type, datasource } of dashboard.panels) {
    if (type === 'row') continue
    it(`${title} asks for what there is`, () => {
      assert.equal(datasource?.uid, '$' + '{datasource}')
      assert.ok(targets.length > 0)
      for (const { expr } of targets) assertKnown(inGrafana(expr))
    })
  }

  it('marks changes of the policy, and lets instances be chosen', () => {
    for (const { expr } of dashboard.annotations.list) assertKnown(inGrafana(expr))
    const instance = dashboard.templating.list.find(({ name }) => name === 'instance')?.query
    const [, metric = '', label] =
      /^label_values\((\w+), (\w+)\)$/.exec(
        typeof instance === 'string' ? '' : (instance?.query ?? ''),
      ) ?? []
    assert.ok(live.has(metric))
    assert.equal(label, 'instance')
  })

  it('has its panels side by side, each with a number of its own', () => {
    const { panels } = dashboard
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
    for (const [index, { gridPos: a, title }] of panels.entries()) {
      assert.ok(a.x + a.w <= 24, title)
      for (const { gridPos: b, title: other } of panels.slice(index + 1)) {
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y
        assert.ok(apart, `${title} lies over ${other}`)
      }
    }
  })

  it('shows every metric of ours', () => {
    const shown = new Set(
      dashboard.panels
        .flatMap(({ targets = [] }) =>
          targets.flatMap(({ expr }) => readQuery(inGrafana(expr)).selectors),
        )
        .map(({ name }) => name.replace(/_(bucket|sum|count)$/, '')),
    )
    const ours = [...live.keys()]
      .filter((name) => name.startsWith('stepgate_'))
      .map((name) => name.replace(/_(bucket|sum|count)$/, ''))
    assert.deepEqual(
      [...new Set(ours)].filter((name) => !shown.has(name)),
      [],
    )
  })
})

it('Prometheus reads the alerts, and calls Stepgate what they call it', () => {
  type Config = {
    readonly rule_files: readonly string[]
    readonly scrape_configs: readonly { readonly job_name: string }[]
  }
  const { rule_files: files, scrape_configs: jobs } = readYaml<Config>('deploy/prometheus.yml')
  assert.deepEqual(files, ['alerts.yml'])
  const names = rules.flatMap(({ expr }) =>
    [...expr.matchAll(/job="(\w+)"/g)].map(([, name]) => name),
  )
  assert.deepEqual(
    [...new Set(names)],
    jobs.map(({ job_name }) => job_name),
  )
})

/** Names, labels and values of an expression are ones that a scraper really gets. */
function assertKnown(expr: string): void {
  const { selectors, groupedBy } = readQuery(expr)
  assert.ok(selectors.length > 0, expr)
  for (const { name, matchers } of selectors) {
    if (name === 'up' || recorded.has(name)) continue
    const labels = live.get(name)
    assert.ok(labels, `nobody exposes ${name}`)
    for (const { label, operator, value } of matchers.filter((one) => !ADDED.includes(one.label))) {
      assert.ok(labels.has(label), `${name} has no ${label}`)
      if (operator === '=')
        assert.ok(labels.get(label)?.has(value), `${name}: no ${label} is ${value}`)
    }
  }
  const known = [...ADDED, ...labelsOf(selectors)]
  for (const label of groupedBy) assert.ok(known.includes(label), `${expr}: ${label}`)
}

function labelsOf(selectors: readonly Selector[]): readonly string[] {
  return selectors.flatMap(({ name }) => [...(live.get(name)?.keys() ?? [])])
}

/** With a value for what Grafana puts in. */
function inGrafana(expr: string): string {
  return expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*')
}
