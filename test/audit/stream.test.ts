import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { entry, fresh, numbersIn, open, verify } from './support.ts'

it('a stream gets the same lines, a chain for each process', async () => {
  const path = fresh()
  mkdirSync(join(path, '..'))
  for (const number of [1, 2]) {
    const write = (text: string, done: () => void) => {
      appendFileSync(path, text)
      done()
    }
    const { audit } = await open({ write })
    audit.append(entry(number))
    await audit.stop()
  }
  const { broken, chains } = await verify(path)
  assert.deepEqual([broken, chains.length], [null, 2])
  assert.deepEqual(numbersIn(path), [1, 2])
})

it('a stream whose reader has stalled is slow, and fails what must be recorded', async () => {
  let release = () => {}
  const write = (_: string, done: () => void) => {
    release = done
  }
  const opening = open({ write }, { limits: { slowAfter: 50 } })
  const { audit, until } = await opening
  await until('slow')
  assert.equal(audit.healthy(), false)
  release()
  await until(null)
  const stopped = audit.stop()
  while (!(await Promise.race([stopped.then(() => true), tick()]))) release()
})

async function tick(): Promise<false> {
  await new Promise((resolve) => setImmediate(resolve))
  return false
}
