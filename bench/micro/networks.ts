/*
 * `npx node --expose-gc bench/micro/networks.ts` measures a policy with one list of networks, half of them IPv4 and half
 * IPv6, at 10,000 to 1,000,000 prefixes: how long the first load and a reload take, the longest pause of the event loop
 * while the list is replaced, what the list keeps in memory, and what one look-up costs. It takes half a minute.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'
import type { CompiledPolicy } from '../../src/policy/compiled-policy.ts'
import { createPolicyLoader, type PolicyLoader } from '../../src/runtime/policy-loader.ts'
import { measureInTurn } from './measure.ts'
import { longestPause } from './pause.ts'

const SIZES = process.argv[2] ? [Number(process.argv[2])] : [10_000, 100_000, 1_000_000]
const POLICY = `version: 1
networks: { bad: { file: bad.txt } }
rules: [{ id: bad, when: '"bad" in source.networks', effect: deny }]
`

const folder = mkdtempSync(join(tmpdir(), 'stepgate-bench-'))
try {
  for (const size of SIZES) await measure(size)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

async function measure(size: number): Promise<void> {
  const clock = () => performance.now()
  const loader = createPolicyLoader({ issuers: [], today: () => '2026-11-23', clock })
  writeFileSync(join(folder, 'bad.txt'), list(size, 0))
  const before = await memory()
  const start = performance.now()
  const first = await load(loader, 'first')
  const firstTook = performance.now() - start
  const kept = (await memory()) - before
  writeFileSync(join(folder, 'bad.txt'), list(size, 1))
  await memory()
  const again = performance.now()
  const reload = await longestPause(() => load(loader, 'second'))
  const reloadTook = performance.now() - again
  console.log(`${size.toLocaleString('en')} prefixes`)
  row('first load', firstTook, 'ms')
  row('reload', reloadTook, 'ms')
  row('longest pause', reload.pause, 'ms')
  row('of it our work', reload.work, 'ms')
  row('memory', kept / 2 ** 20, 'MiB')
  row('look-up', await lookUp(first, size), 'ns')
}

async function load(loader: PolicyLoader, revision: string): Promise<CompiledPolicy> {
  const sources = [{ file: join(folder, 'policy.yaml'), text: POLICY }]
  const { policy, issues } = await loader.load(sources, revision)
  if (!policy) throw new Error(issues[0]?.message)
  return policy
}

/** Half of the addresses asked for are in the list. */
async function lookUp({ common }: CompiledPolicy, size: number): Promise<number> {
  const asked = Array.from({ length: 1024 }, (_, at) =>
    at % 2 === 0
      ? v4(spread(at, size), 0, at % 4 === 0 ? 1 : 3)
      : v6(spread(at, size), 0, at % 4 > 2),
  )
  const budget = { warmUp: 200, round: 50, rounds: 5 }
  const work = (at: number) => common.networks(asked[at % asked.length] ?? '')
  return (await measureInTurn([work], budget))[0] ?? Number.NaN
}

function spread(at: number, size: number): number {
  return Math.floor((at / 1024) * (size / 2))
}

/** One prefix a line, families in turn, in no order. */
function list(size: number, shift: number): string {
  const half = size / 2
  const lines = Array.from({ length: half }, (_, at) => {
    const index = (at * 7919) % half
    return `${v4(index, shift, 0)}/31\n${v6(index, shift, false)}/64\n`
  })
  return lines.join('')
}

/** Every eighth pair of addresses, of which the first two are in the list. */
function v4(index: number, shift: number, last: number): string {
  const at = 0x0b_00_00_00 + (index * 2 + shift) * 4 + last
  return [at >>> 24, (at >>> 16) & 255, (at >>> 8) & 255, at & 255].join('.')
}

function v6(index: number, shift: number, isOutside: boolean): string {
  const at = index * 2 + shift
  const group = (at >>> 16).toString(16)
  return `2001:${isOutside ? 'dead' : 'db8'}:${group}:${(at & 0xffff).toString(16)}::`
}

/** Bytes in use, those outside of the heap included, once everything that is not needed is gone. */
async function memory(): Promise<number> {
  // The engine keeps the text of the last match, which may be a piece of a whole list.
  ;/./.test('x')
  for (let turn = 0; turn < 3; turn++) {
    globalThis.gc?.()
    await pause(50)
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

function row(name: string, value: number, unit: string): void {
  console.log(`  ${name.padEnd(16)}${value.toFixed(value < 100 ? 1 : 0).padStart(8)} ${unit}`)
}
