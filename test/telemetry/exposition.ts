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
  /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>[^}]*)\})? (?<value>\S+)(?: # \{(?<exemplar>[^}]*)\} \S+ \S+)?$/

/** Reads an OpenMetrics 1.0 exposition strictly: a line that fits nothing fails the test. */
export function parseExposition(body: string): readonly Sample[] {
  assert.ok(body.endsWith('\n# EOF\n'))
  const lines = body.split('\n').filter((line) => line !== '' && !line.startsWith('# '))
  return lines.map(parseSample)
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
    [...pairs].map(({ groups }) => [groups?.label ?? '', groups?.value ?? '']),
  )
}
