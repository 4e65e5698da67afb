import type { Cores } from './machine.ts'
import type { Summary } from './summary.ts'

/** Above this share the load generator may have been the bound, and not the server. */
const TOO_BUSY = 0.95

/** The fourth is the ratio to the first contestant. */
const COLUMNS = ['min', 'median', 'max', 'of', 'p50 ms', 'p99 ms', 'µs CPU', 'RSS MB']

/** Under which the figures came about. */
export type Circumstances = {
  /** Its version. */
  readonly node: string
  readonly requestBytes: { readonly min: number; readonly max: number }
  readonly connections: number
  /** On each connection. */
  readonly streams: number
  readonly roundMs: number
  readonly cores: Cores
}

/** The result for people: a line of circumstances, a table, and what to be careful about. */
export function formatTable(circumstances: Circumstances, summaries: readonly Summary[]): string {
  const width = Math.max(...summaries.map(({ name }) => name.length))
  const of = `of ${summaries[0]?.name}`
  const columns = COLUMNS.map((name) => (name === 'of' ? of : name))
  const head = ['requests a second'.padEnd(width), ...columns]
  const rows = summaries.map((summary) => [summary.name.padEnd(width), ...cellsOf(summary)])
  const table = [head, ...rows].map((row) => row.map(padded).join('  ').trimEnd())
  return [inWords(circumstances), '', ...table, '', ...remarks(summaries)].join('\n')
}

function inWords({ node, requestBytes, connections, streams, cores }: Circumstances): string {
  const { min, max } = requestBytes
  const pinning = cores === null ? 'not pinned to cores' : 'servers and load on a core each'
  return `Node ${node}, CheckRequests of ${min} to ${max} bytes, ${connections} connections × ${streams} streams, ${pinning}`
}

function padded(cell: string, column: number): string {
  return column === 0 ? cell : cell.padStart(COLUMNS[column - 1] === 'of' ? 18 : 7)
}

function cellsOf({ requestsPerSecond: rate, ratio, latency, cost, memory }: Summary): string[] {
  return [
    ...[rate.min, rate.median, rate.max].map((value) => Math.round(value).toLocaleString('en')),
    `${ratio.median.toFixed(2)} (${ratio.min.toFixed(2)}–${ratio.max.toFixed(2)})`,
    ...[latency.p50, latency.p99].map((value) => value.toFixed(2)),
    ...[cost, memory].map((value) => (value === null ? '–' : value.toFixed(0))),
  ]
}

function remarks(summaries: readonly Summary[]): readonly string[] {
  const busiest = Math.max(...summaries.map(({ loadBusy }) => loadBusy))
  const busy = `The load generator was busy ${(busiest * 100).toFixed(0)} % of the time at most`
  return [
    busiest > TOO_BUSY
      ? `${busy}: it may have been the bound.`
      : `${busy}: the servers were the bound.`,
  ]
}
