import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite, type TestContext, test } from 'node:test'
import { createDevice } from '../../src/facts/device.ts'
import { type DeviceFile, openDeviceFile } from '../../src/facts/device-file.ts'
import { readRegularFile } from '../../src/runtime/read-regular-file.ts'
import { ada, requestWith } from './asking.ts'

/** A list in a folder of its own, what was told of it, and a way to wait for the next telling. */
async function opened(t: TestContext, text: string | null) {
  const file = join(await folder(t), 'devices.jsonl')
  if (text !== null) await writeFile(file, text)
  const told: string[] = []
  let wake = () => {}
  const tell = (what: string) => {
    told.push(what)
    wake()
  }
  const list = await openDeviceFile({
    file,
    readFile: readRegularFile,
    onLoaded: ({ devices }) => tell(`${devices} devices`),
    onFailed: ({ problem }) => tell(problem),
    interval: 5,
  })
  t.after(list.stop)
  const next = async (change: () => Promise<unknown>) => {
    const { promise, resolve } = Promise.withResolvers<void>()
    wake = resolve
    await change()
    await promise
    return told.at(-1)
  }
  return { file, list, told, next }
}

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'stepgate-devices-'))
  t.after(() => rm(path, { recursive: true }))
  return path
}

function listed(list: DeviceFile, id: string) {
  const find = createDevice({ from: [{ claim: 'device' }], trusted: list, reputation: list })
  const { trusted, reputation } = find(requestWith(), ada({ claims: { device: id } }))
  return [trusted, reputation]
}

suite('a list of devices', () => {
  const GOOD =
    '{"id":"a","trusted":true,"reputation":80}\n\n{"id":"b","reputation":5}\r\n{"id":"c"}'

  test('says how those on it stand; others are neither trusted nor reputable', async (t) => {
    const { list, told } = await opened(t, GOOD)
    const found = ['a', 'b', 'c', 'x', '__proto__'].map((id) => listed(list, id))
    assert.deepEqual(found, [
      [true, 80],
      [false, 5],
      [false, 0],
      [false, 0],
      [false, 0],
    ])
    assert.deepEqual(told, ['3 devices'])
  })

  test('that was never read makes both unavailable', async (t) => {
    const { list, next, file } = await opened(t, null)
    assert.deepEqual(listed(list, 'a'), [undefined, undefined])
    assert.equal(await next(() => writeFile(file, GOOD)), '3 devices')
    assert.deepEqual(listed(list, 'a'), [true, 80])
  })

  test('is read again when it is replaced, and the last good one stays', async (t) => {
    const { list, next, file } = await opened(t, GOOD)
    const replace = (text: string) => async () => {
      await writeFile(`${file}.new`, text)
      await rename(`${file}.new`, file)
    }
    assert.match((await next(replace('{"id":"a","trus'))) ?? '', /^line 1 is not {"id"/)
    assert.deepEqual(listed(list, 'a'), [true, 80])
    assert.equal(await next(replace('{"id":"b","trusted":true}')), '1 devices')
    assert.deepEqual(
      [listed(list, 'a'), listed(list, 'b')],
      [
        [false, 0],
        [true, 0],
      ],
    )
  })

  const broken: [string, string, RegExp][] = [
    ['no JSON', 'a: true', /^line 1 is not/],
    ['a list', '[]', /^line 1 is not/],
    ['no id', '{"trusted":true}', /^line 1 is not/],
    ['an empty id', '{"id":""}', /^line 1 is not/],
    ['a slip of the pen', '{"id":"a","trustd":true}', /^line 1 is not/],
    ['text for true', '{"id":"a"}\n{"id":"b","trusted":"true"}', /^line 2 is not/],
    ['too good a reputation', '{"id":"a","reputation":101}', /^line 1 is not/],
    ['one device twice', '{"id":"a"}\n\n{"id":"a"}', /^line 3 names a device that/],
  ]
  for (const [name, text, problem] of broken) {
    test(`with ${name} is broken`, async (t) => {
      const { list, told } = await opened(t, text)
      assert.match(told.join(), problem)
      assert.deepEqual(listed(list, 'a'), [undefined, undefined])
    })
  }

  test('of many is read in slices, so that others get their turn', async () => {
    const line = (at: number) => `{"id":"d${at}","trusted":true}`
    const bytes = Buffer.from(Array.from({ length: 20_000 }, (_, at) => line(at)).join('\n'))
    let turns = 0
    let isDone = false
    const count = () => {
      turns++
      if (!isDone) setImmediate(count)
    }
    const readFile = async () => {
      setImmediate(count)
      return bytes
    }
    const onLoaded = () => {
      isDone = true
    }
    const list = await openDeviceFile({
      file: 'none',
      readFile,
      onLoaded,
      onFailed: () => assert.fail(),
    })
    await list.stop()
    assert.deepEqual(listed(list, 'd19999'), [true, 0])
    assert.ok(turns >= 10, `${turns} turns`)
  })

  test('that is still being written is not read yet', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] })
    const { file, list, told, next } = await opened(t, GOOD)
    const look = async () => {
      t.mock.timers.tick(5)
      // The looks at the file are real: ours come after them.
      for (let at = 0; at < 5; at++) await stat(file)
    }
    for (const half of ['{"id', '{"id":"x"}\n{"i']) {
      await writeFile(file, half)
      await look()
    }
    assert.deepEqual([told.length, listed(list, 'a')], [1, [true, 80]])
    assert.equal(
      await next(async () => t.mock.timers.tick(5)),
      'line 2 is not {"id": TEXT, "trusted": true or false, "reputation": 0 to 100} on one line',
    )
  })
})
