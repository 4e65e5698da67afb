import assert from 'node:assert/strict'

/** One sample of an exposition. */
export type Sample = {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
  /** The labels of the exemplar, null without one. */
  readonly exemplar: Readonly<Record<string, string>> | null
}

const SAMPLE =
  /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>(?:\w+="(?:[^"\\]|\\[\\n"])*",?)*)\})? (?<value>\S+)(?: # \{(?<exemplar>[^}]*)\} \S+ \S+)?$/

/** Reads an OpenMetrics 1.0 exposition strictly: what fits nothing fails the test, and so do families in disorder. */
export function parseExposition(body: string): readonly Sample[] {
  assert.ok(body.endsWith('\n# EOF\n'), 'the end is marked')
  const lines = body.slice(0, -'# EOF\n'.length).split('\n').slice(0, -1)
  const seen = new Set<string>()
  const families: Family[] = []
  for (const line of lines) {
    const about = METADATA.exec(line)?.groups
    if (about === undefined) {
      const sample = parseSample(line)
      const series = `${sample.name} ${JSON.stringify(sample.labels)}`
      assert.ok(!seen.has(series), `twice: ${line}`)
      seen.add(series)
      families.at(-1)?.samples.push(sample)
      continue
    }
    const { kind = '', name = '', text = '' } = about
    if (families.at(-1)?.name !== name) {
      assert.ok(!families.some((family) => family.name === name), `${name} comes in two pieces`)
      families.push({ name, type: null, samples: [] })
    }
    const family = families.at(-1)
    assert.ok(family?.samples.length === 0, `${line} comes after the samples`)
    if (kind === 'TYPE') family.type = text
  }
  for (const family of families) checkFamily(family)
  return families.flatMap(({ samples }) => samples)
}

type Family = { readonly name: string; type: string | null; readonly samples: Sample[] }

const METADATA = /^# (?<kind>HELP|TYPE|UNIT) (?<name>[a-zA-Z_:][\w:]*) (?<text>.*)$/

/** What may follow the name of the family, by its type. */
const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count', '_created'],
  summary: ['', '_sum', '_count', '_created'],
}

function checkFamily({ name, type, samples }: Family): void {
  const suffixes = SUFFIXES[type ?? '']
  assert.ok(suffixes, `${name} has the type ${type}`)
  for (const sample of samples) {
    assert.ok(
      suffixes.some((suffix) => sample.name === `${name}${suffix}`),
      `${sample.name} is no sample of the ${type} ${name}`,
    )
    // A gauge may have nothing to say.
    assert.ok(type === 'gauge' || sample.value >= 0, `${sample.name} is ${sample.value}`)
    const carries = type === 'counter' || sample.name.endsWith('_bucket')
    assert.ok(sample.exemplar === null || carries, `${sample.name} has an exemplar`)
  }
  if (type === 'histogram') checkBuckets(name, samples)
}

/** Buckets of one series grow, in the order of their bounds, up to the count. */
function checkBuckets(name: string, samples: readonly Sample[]): void {
  const seriesOf = ({ labels: { le: _, ...labels } }: Sample) => JSON.stringify(labels)
  const named = (suffix: string) => samples.filter((sample) => sample.name === `${name}${suffix}`)
  const buckets = Map.groupBy(named('_bucket'), seriesOf)
  for (const count of named('_count')) {
    const own = buckets.get(seriesOf(count)) ?? []
    const bounds = own.map(({ labels }) => Number(labels.le === '+Inf' ? Infinity : labels.le))
    const ordered = bounds.every((bound, at) => at === 0 || bound > (bounds[at - 1] ?? bound))
    const grows = own.every(({ value }, at) => at === 0 || value >= (own[at - 1]?.value ?? 0))
    assert.ok(ordered && grows && bounds.at(-1) === Infinity, `the buckets of ${name}`)
    assert.equal(own.at(-1)?.value, count.value, `the last bucket of ${name} is its count`)
  }
}

/** The value of the one sample with that name and those labels; 0 when there is none. */
export function valueIn(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  const found = samples.filter(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )
  assert.ok(found.length <= 1, `${name} is ambiguous`)
  return found[0]?.value ?? 0
}

function parseSample(line: string): Sample {
  const groups = SAMPLE.exec(line)?.groups
  assert.ok(groups, `not a sample: ${line}`)
  const { name = '', labels = '', value, exemplar } = groups
  return {
    name,
    labels: parseLabels(labels),
    value: Number(value),
    exemplar: exemplar === undefined ? null : parseLabels(exemplar),
  }
}

function parseLabels(text: string): Record<string, string> {
  const pairs = text.matchAll(/(?<label>\w+)="(?<value>(?:[^"\\]|\\.)*)",?/g)
  return Object.fromEntries(
    [...pairs].map(({ groups }) => [groups?.label ?? '', unescaped(groups?.value ?? '')]),
  )
}

function unescaped(value: string): string {
  return value.replace(/\\(?<what>.)/g, (_, what) => (what === 'n' ? '\n' : what))
}
