import { Histogram, type OpenMetricsContentType, type Registry } from 'prom-client'

/** A histogram of times, by one label. As cheap as a `Tally`, for the same reason. */
export type Times = {
  /** Of so many seconds; `traceId` becomes the exemplar of their bucket, where there is one. */
  readonly observe: (label: string, seconds: number, traceId: string | null) => void
}

/** What to register. */
export type TimesOptions = {
  readonly name: string
  readonly help: string
  readonly label: string
  /** Upper bounds in seconds, rising. */
  readonly bounds: readonly number[]
}

/** The last time in a bucket whose trace can be found; `at` in seconds since the epoch. */
type Exemplar = { readonly traceId: string; readonly seconds: number; readonly at: number }

type Series = {
  /** By bucket; the last one has no bound. */
  readonly counts: number[]
  readonly exemplars: (Exemplar | undefined)[]
  sum: number
}

/** Registers a histogram; `now` in milliseconds since the epoch. */
export function createTimes(
  registry: Registry<OpenMetricsContentType>,
  options: TimesOptions,
  now: () => number,
): Times {
  const { bounds } = options
  const known = new Map<string, Series>()
  new Exposed(options, registry, known)
  return {
    observe: (label, seconds, traceId) => {
      const series = known.get(label) ?? begin(bounds.length)
      known.set(label, series)
      const bucket = bucketOf(bounds, seconds)
      series.counts[bucket] = (series.counts[bucket] ?? 0) + 1
      series.sum += seconds
      if (traceId !== null) series.exemplars[bucket] = { traceId, seconds, at: now() / 1000 }
    },
  }
}

function begin(bounds: number): Series {
  return { counts: Array<number>(bounds + 1).fill(0), exemplars: [], sum: 0 }
}

function bucketOf(bounds: readonly number[], seconds: number): number {
  let bucket = 0
  while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket++
  return bucket
}

/** What the registry asks at a scrape, in place of the library's own counting. */
class Exposed extends Histogram<string> {
  readonly #options: TimesOptions
  readonly #known: ReadonlyMap<string, Series>

  constructor(
    options: TimesOptions,
    registry: Registry<OpenMetricsContentType>,
    known: ReadonlyMap<string, Series>,
  ) {
    const { name, help, label, bounds } = options
    super({ registers: [registry], name, help, labelNames: [label], buckets: [...bounds] })
    this.#options = options
    this.#known = known
  }

  /** What the library asks for all that it shows of a metric. */
  async getForPromString() {
    const { name, help } = this.#options
    const values = [...this.#known].flatMap(([label, series]) =>
      valuesOf(this.#options, label, series),
    )
    return { name, help, type: 'histogram', values, aggregator: 'sum' }
  }
}

function valuesOf({ name, label, bounds }: TimesOptions, value: string, series: Series) {
  const sharedLabels = { [label]: value }
  let upTo = 0
  const buckets = series.counts.map((count, bucket) => {
    upTo += count
    const labels = { le: bounds[bucket] ?? '+Inf' }
    const exemplar = exemplarOf(series.exemplars[bucket])
    return { metricName: `${name}_bucket`, value: upTo, labels, sharedLabels, exemplar }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, value: series.sum, labels: {}, sharedLabels },
    { metricName: `${name}_count`, value: upTo, labels: {}, sharedLabels },
  ]
}

function exemplarOf(exemplar: Exemplar | undefined) {
  if (exemplar === undefined) return null
  const { traceId, seconds, at } = exemplar
  return { labelSet: { trace_id: traceId }, value: seconds, timestamp: at }
}
