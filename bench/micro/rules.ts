/*
 * `npm run bench:rules` measures what the rules of one request cost in one thread, at 10 to 10,000 rules of which five
 * fit and three apply, without the edges: the whole decision and the selection of candidates, the same with every rule
 * tried in turn, and casbin and json-rules-engine with the same rules. Requests have been read before, and the caller is
 * known. Only figures of one run compare. It takes half a minute; `--format json` prints JSON for machines.
 */
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import type { CompiledPolicy } from '../../src/policy/compiled-policy.ts'
import { madeRequests, madeRules } from './made-policy.ts'
import { type Budget, measureInTurn, type Work } from './measure.ts'
import { casbinPeer, jsonRulesPeer, type Peer } from './peers.ts'
import { fitting, load, passes, policyText, ready, withoutIndex } from './stepgate-engine.ts'

/** What one call costs at each of the sizes. */
type Row = { readonly name: string; readonly nanoseconds: readonly number[] }

const SIZES = [10, 100, 1000, 10_000]
const BUDGET: Budget = { warmUp: 200, round: 25, rounds: 25 }
const REQUESTS = madeRequests(1024)

const { values } = parseArgs({ options: { format: { type: 'string', default: 'text' } } })
const loading: number[] = []
const policies = SIZES.map(loadTimed)
const rows: Row[] = []
await measureRow('decide', policies, passes)
await measureRow('select', policies, fitting)
await measureRow('decide, every rule tried', policies.map(withoutIndex), passes)
await measureRow('select, every rule tried', policies.map(withoutIndex), fitting)
await measurePeer('casbin', casbinPeer)
await measurePeer('json-rules-engine', jsonRulesPeer)
report()

function loadTimed(size: number): CompiledPolicy {
  const text = policyText(madeRules(size))
  const start = performance.now()
  const policy = load(text)
  loading.push(performance.now() - start)
  return policy
}

async function measureRow(
  name: string,
  contestants: readonly CompiledPolicy[],
  call: typeof passes | typeof fitting,
): Promise<void> {
  const works = contestants.map((policy): Work => {
    const requests = ready(policy, REQUESTS)
    if (!requests.every((one) => passes(policy, one))) throw new Error('the policy allows these')
    return (at) => call(policy, pick(requests, at))
  })
  rows.push({ name, nanoseconds: await measureInTurn(works, BUDGET) })
}

async function measurePeer(
  name: string,
  create: (rules: ReturnType<typeof madeRules>) => Peer | Promise<Peer>,
): Promise<void> {
  const works: Work[] = []
  for (const size of SIZES) {
    const peer = await create(madeRules(size))
    await checkAnswers(name, peer)
    works.push((at) => peer(pick(REQUESTS, at)))
  }
  rows.push({ name, nanoseconds: await measureInTurn(works, BUDGET) })
}

/** A peer that answered something else would be measured at another task. */
async function checkAnswers(name: string, peer: Peer): Promise<void> {
  const allowed = pick(REQUESTS, 0)
  const answers = [await peer(allowed), await peer({ ...allowed, path: '/v1/unknown' })]
  if (answers[0] !== true || answers[1] !== false) throw new Error(`${name} answers ${answers}`)
}

function pick<T>(list: readonly T[], at: number): T {
  const item = list[at % list.length]
  if (item === undefined) throw new Error('the list is empty')
  return item
}

function report(): void {
  if (values.format === 'json') printJson()
  else printTable()
}

function printJson(): void {
  const bySize = (figures: readonly number[]) =>
    Object.fromEntries(SIZES.map((size, at) => [size, figures[at]]))
  const results = rows.map(({ name, nanoseconds }) => ({
    name,
    nanoseconds: bySize(nanoseconds),
    growth: growth(nanoseconds),
  }))
  console.log(JSON.stringify({ results, loadMilliseconds: bySize(loading) }, null, 2))
}

function printTable(): void {
  console.log('nanoseconds a call, median; five rules fit, three apply, five expressions\n')
  printLine('rules', SIZES, `${SIZES.at(-1)} : ${SIZES[0]}`)
  for (const { name, nanoseconds } of rows)
    printLine(name, nanoseconds, `${growth(nanoseconds).toFixed(2)} ×`)
  printLine('loading once, ms', loading, '')
}

function growth(figures: readonly number[]): number {
  return (figures.at(-1) ?? Number.NaN) / (figures[0] ?? Number.NaN)
}

function printLine(name: string, figures: readonly number[], last: string): void {
  const cells = figures.map((figure) => Math.round(figure).toLocaleString('en').padStart(13))
  console.log([name.padEnd(26), ...cells, last.padStart(13)].join(''))
}
