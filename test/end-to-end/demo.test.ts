import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { type Child, startChild } from '../../demo/child.ts'
import { parseAddress } from '../../demo/envoy-config.ts'
import { TOUR } from '../../demo/tour.ts'

const DEMO = join(import.meta.dirname, '../../demo/main.ts')

describe('npm run demo', () => {
  test('--once walks the tour, ends with 0 and leaves nothing bound', async () => {
    const { child } = await startDemo(['--once'])
    const end = await child.ended
    assert.equal(end, 'code 0', child.tail().join('\n'))
    const steps = child.tail().filter((line) => /^ \d+\. /.test(line))
    assert.equal(steps.length, TOUR.length)
    await assertNothingBound(child)
  })

  const moments: readonly (readonly [name: string, line: RegExp, code: number])[] = [
    ['while it starts', /Identity provider/, 130],
    ['during the tour', /^ 2\. /, 130],
    ['while it stays up', /Ctrl-C ends everything/, 0],
  ]
  for (const [name, line, code] of moments) {
    test(`Ctrl-C ${name} ends everything`, async () => {
      const { child, until } = await startDemo([])
      await until(line)
      process.kill(child.pid, 'SIGINT')
      process.kill(child.pid, 'SIGINT')
      assert.equal(await child.ended, `code ${code}`, child.tail().join('\n'))
      await assertNothingBound(child)
    })
  }

  test('says what is wrong when it cannot do what is asked, with code 2', async () => {
    const { child } = await startDemo(['--twice'])
    assert.equal(await child.ended, 'code 2')
    assert.match(child.tail().join('\n'), /usage: npm run demo/)
    const { child: other } = await startDemo([], { ENVOY_BIN: '/nowhere/envoy' })
    assert.equal(await other.ended, 'code 2')
    assert.match(other.tail().join('\n'), /ENVOY_BIN is \/nowhere\/envoy/)
  })
})

async function startDemo(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const waiting: { line: RegExp; found: () => void }[] = []
  const child = await startChild({
    command: process.execPath,
    args: [DEMO, ...args],
    env: { ...process.env, ...env },
    onLine: (text) => {
      for (const { line, found } of waiting) if (line.test(text)) found()
    },
  })
  const until = (line: RegExp) =>
    Promise.race([
      new Promise<void>((found) => void waiting.push({ line, found })),
      child.ended.then((how) => assert.fail(`${how}\n${child.tail().join('\n')}`)),
    ])
  return { child, until }
}

/** Every address that it printed refuses connections. */
async function assertNothingBound(child: Child) {
  const addresses = new Set(child.tail().flatMap((line) => line.match(/127\.0\.0\.1:\d+/g) ?? []))
  assert.ok(addresses.size > 0)
  for (const address of addresses) {
    const socket = connect(parseAddress(address))
    const [error] = await once(socket, 'error')
    assert.equal(error.code, 'ECONNREFUSED', `${address} is still there`)
  }
}
