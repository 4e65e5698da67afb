import { readFileSync, writeSync } from 'node:fs'
import { openAudit } from '../../src/audit/open-audit.ts'
import { createSigner } from '../../src/audit/signer.ts'

// Appends from a number on as fast as it can, and says on standard output up to which one all are safe, until it is
// killed: `appender.ts PATH FIRST KEY-FILE`. It imports no test, since it must start fast.
const [path = '', first = '0', key = ''] = process.argv.slice(2)
const audit = await openAudit({
  to: path,
  instance: String(process.pid),
  newChainId: () => crypto.randomUUID(),
  signer: createSigner(readFileSync(key)),
  whenUnwritable: 'stop',
  syncEvery: 20,
  rotateBytes: 512 * 1024,
  now: Date.now,
  clock: () => performance.now(),
  onProblem: () => {},
  onCheckpoint: () => {},
  limits: { checkpointRecords: 100 },
})
const rest = 'x'.repeat(600)
let number = Number(first)

for (;;) {
  for (let count = 0; count < 500; count++)
    audit.append({ event: 'decision', fields: `,"number":${number++},"rest":"${rest}"` })
  const safe = number - 1
  if (await audit.flush()) writeSync(1, `${safe}\n`)
}
