import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { it } from 'node:test'
import { fresh, numbersIn, PRIVATE_PEM, verify } from './support.ts'

/** How often the writer is killed: `AUDIT_KILLS=50` for more than every run of the tests can wait for. */
const KILLS = Number(process.env.AUDIT_KILLS ?? 8)

const APPENDER = join(import.meta.dirname, 'appender.ts')

it(`a writer that is killed ${KILLS} times under load loses nothing that was safe`, async (t) => {
  const path = fresh()
  mkdirSync(dirname(path))
  const key = join(dirname(path), 'key.pem')
  writeFileSync(key, PRIVATE_PEM)
  const safe: number[] = []
  for (let run = 0; run < KILLS; run++) {
    const first = run * 1_000_000
    const last = await appendUntilKilled(path, first, key, (run % 4) + 1)
    for (let number = first; number <= last; number++) safe.push(number)
    const files = recordsIn(dirname(path))
    const { broken, gaps } = await verify(...files)
    assert.deepEqual(broken, null)
    assert.equal(gaps.length, run)
    assert.ok(gaps.every(({ cause }) => ['killed', 'moved-or-killed'].includes(cause)))
  }
  const { repairs } = await verify(...recordsIn(dirname(path)))
  t.diagnostic(`${safe.length} entries were safe, ${repairs.length} torn lines were repaired`)
  const there = new Set(numbersIn(...recordsIn(dirname(path))))
  assert.deepEqual(
    safe.filter((number) => !there.has(number)),
    [],
  )
})

/** Starts a writer and kills it once it has said so many times what is safe; the last number that it said. */
async function appendUntilKilled(...[path, first, key, rounds]: [string, number, string, number]) {
  const args = [APPENDER, path, String(first), key]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'close')
  let said = ''
  child.stdout.on('data', (data: Buffer) => {
    said += data
    if (said.split('\n').length > rounds) child.kill('SIGKILL')
  })
  const [, signal] = await ended
  assert.equal(signal, 'SIGKILL')
  return Number(said.split('\n').at(-2))
}

/** Every file of the record. */
function recordsIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.includes('.jsonl'))
    .map((name) => join(folder, name))
}
