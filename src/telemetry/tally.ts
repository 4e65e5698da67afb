import { Counter, type OpenMetricsContentType, type Registry } from 'prom-client'

/** A counter. What is counted with every request must cost no more than to add one: the library sees it at a scrape. */
export type Tally<Label extends string> = {
  /** Zero makes the series exist before it is first counted. */
  readonly inc: (labels: Labels<Label>, by?: number) => void
  readonly remove: (labels: Labels<Label>) => void
}

type Labels<Label extends string> = Readonly<Record<Label, string>>

type Series<Label extends string> = { readonly labels: Labels<Label>; count: number }

/** Registers a counter with these labels. */
export function createTally<const Label extends string>(
  registry: Registry<OpenMetricsContentType>,
  name: string,
  help: string,
  labelNames: readonly Label[],
): Tally<Label> {
  const known = new Map<string, Series<Label>>()
  const keyOf = (labels: Labels<Label>) => {
    let key = ''
    for (const label of labelNames) key += `${labels[label]}\0`
    return key
  }
  new Counter({
    ...{ registers: [registry], name, help, labelNames },
    collect() {
      this.reset()
      for (const { labels, count } of known.values()) this.inc(labels, count)
    },
  })
  return {
    inc: (labels, by = 1) => {
      const key = keyOf(labels)
      const series = known.get(key)
      if (series === undefined) known.set(key, { labels, count: by })
      else series.count += by
    },
    remove: (labels) => void known.delete(keyOf(labels)),
  }
}
