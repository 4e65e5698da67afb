import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { folder } from './support.ts'

const BIN = join(import.meta.dirname, '../../bin/stepgate.js')
const root = folder({
  'policy.yaml': 'version: 1\nassurance: [{ level: a, acr: { nobody: [x] } }]\n',
  'stepgate.yaml': 'listen: { grcp: 127.0.0.1:0 }\n',
})

/** Runs the real program in a folder of its own. */
async function run(...argv: readonly string[]) {
  const child = spawn(process.execPath, [BIN, ...argv], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [out, err, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code: code as number, out, err }
}

describe('bin/stepgate.js', () => {
  it('runs anywhere, without settings and without colours in a pipe', async () => {
    assert.deepEqual(await run('check', 'policy.yaml'), {
      code: 0,
      out: 'policy.yaml: 0 rules, no mistakes\n',
      err: '',
    })
  })

  it('wants to know which policy where there are no settings', async () => {
    const { code, err } = await run('check')
    assert.equal(code, 2)
    assert.match(err, /^stepgate: there is no config\/stepgate\.yaml here: name the policy/)
  })

  it('ends with the code of the command', async () => {
    assert.equal((await run('chekc')).code, 2)
    assert.equal((await run('test', 'policy.yaml')).code, 2)
  })

  it('serves with the settings that are named, and says what is wrong with them', async () => {
    const { code, err } = await run('serve', '--config', 'stepgate.yaml')
    assert.equal(code, 2)
    assert.match(err, /stepgate\.yaml:1:11: error\[unknown-key\][\s\S]*did you mean `grpc`\?/)
  })

  it('does not mind a reader that has enough', async () => {
    const child = spawn(process.execPath, [BIN, 'schema'], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.destroy()
    const [err, [code]] = await Promise.all([text(child.stderr), once(child, 'close')])
    assert.deepEqual({ code, err }, { code: 0, err: '' })
  })
})
