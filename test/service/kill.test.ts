import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { it } from 'node:test'
import { Client, credentials } from '@grpc/grpc-js'
import { createSignatureCheck } from '../../src/audit/signer.ts'
import { verifyFiles } from '../../src/audit/verify.ts'
import { KEY, linesOf, PRIVATE_PEM, PUBLIC_PEM } from '../audit/support.ts'
import { EC, jwk } from '../identity/tokens.ts'
import { ask, ISSUER } from './asking.ts'
import { until } from './audit-world.ts'
import { KINDS, POLICY } from './load.ts'

const ROOT = join(import.meta.dirname, '../..')
const ROUNDS = 2

it('a service that is killed under load goes on with a record that is whole, and says what it lacks', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-kill-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'audit.jsonl')
  writeFileSync(join(folder, 'policy.yaml'), POLICY)
  writeFileSync(join(folder, 'stepgate.yaml'), settings(folder))
  const written: string[] = []
  for (let round = 0; round < ROUNDS; round++) {
    const { child, grpc } = await start(folder)
    t.after(() => child.kill('SIGKILL'))
    const client = new Client(grpc, credentials.createInsecure())
    const answers = await Promise.all(KINDS.map(([asked]) => ask(client, asked)))
    const ids = answers.map(({ id }) => id)
    await until(() => {
      const text = readFileSync(file, 'utf8')
      return ids.every((id) => text.includes(id)) || undefined
    })
    written.push(...ids)
    const cut = KINDS.map(([asked]) => ask(client, asked).catch(() => null))
    await Promise.race(cut)
    child.kill('SIGKILL')
    await Promise.all([once(child, 'exit'), ...cut])
    client.close()
  }
  const last = await start(folder)
  last.child.kill('SIGTERM')
  await once(last.child, 'exit')
  const keys = [createSignatureCheck(PUBLIC_PEM)]
  const found = await verifyFiles([file], { keys, head: null, onProgress: () => {} })
  assert.equal(found.broken, null)
  assert.deepEqual(
    found.gaps.map(({ cause }) => cause),
    Array.from({ length: ROUNDS }, () => 'killed'),
  )
  const ids = linesOf(file).map(({ decision_id }) => decision_id)
  for (const id of written) assert.equal(ids.filter((one) => one === id).length, 1)
})

it('a service that cannot write what waits at its stop says how much is lost, and ends with 1', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'stepgate-lost-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(join(folder, 'policy.yaml'), POLICY)
  writeFileSync(join(folder, 'stepgate.yaml'), settings(folder))
  const { child } = await start(folder)
  t.after(() => child.kill('SIGKILL'))
  let log = ''
  child.stdout?.on('data', (data: Buffer) => {
    log += data
  })
  const file = join(folder, 'audit.jsonl')
  await until(() => readFileSync(file, 'utf8').includes('"policy-loaded"') || undefined)
  appendFileSync(file, 'a line of another process\n')
  child.kill('SIGTERM')
  const [code] = await once(child, 'close')
  const line = log.split('\n').find((one) => one.includes('"not-stopped"')) ?? '{}'
  const { part, reason, lost } = JSON.parse(line)
  assert.deepEqual([code, part, lost], [1, 'audit record', 1])
  assert.match(reason, /somebody else writes to/)
})

function settings(folder: string): string {
  const keys = { static: { keys: [jwk(EC)] } }
  return JSON.stringify({
    listen: { grpc: '127.0.0.1:0' },
    admin: { http: '127.0.0.1:0' },
    policy: join(folder, 'policy.yaml'),
    issuers: { idp: { issuer: ISSUER, audiences: ['licensing-api'], keys } },
    audit: {
      to: join(folder, 'audit.jsonl'),
      pseudonym_key: 'env:PSEUDONYMS',
      signing_key: 'env:SIGNING',
      policies: { folder: join(folder, 'policies') },
    },
  })
}

/** The program itself; resolves when it is ready. */
async function start(folder: string): Promise<{ child: ChildProcess; grpc: string }> {
  const child = spawn(process.execPath, [join(ROOT, 'src/main.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      LOG_LEVEL: 'info',
      STEPGATE_CONFIG: join(folder, 'stepgate.yaml'),
      PSEUDONYMS: KEY.toString('hex'),
      SIGNING: PRIVATE_PEM,
    },
  })
  for await (const line of createInterface({ input: child.stdout })) {
    const { event, grpc } = JSON.parse(line) as Record<string, unknown>
    if (event !== 'ready') continue
    child.stdout.resume()
    return { child, grpc: String(grpc) }
  }
  throw new Error('it ended before it was ready')
}
