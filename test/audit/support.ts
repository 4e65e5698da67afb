import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { Entry } from '../../src/audit/chain.ts'
import {
  type Audit,
  type AuditOptions,
  type AuditProblem,
  openAudit,
} from '../../src/audit/open-audit.ts'
import { createSignatureCheck, createSigner } from '../../src/audit/signer.ts'
import { verifyFiles } from '../../src/audit/verify.ts'

const { privateKey } = generateKeyPairSync('ed25519')

export const PRIVATE_PEM = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
export const PUBLIC_PEM = createPublicKey(privateKey)
  .export({ type: 'spki', format: 'pem' })
  .toString()

/** 32 bytes that are no secret. */
export const KEY = Buffer.alloc(32, 'k')

const root = mkdtempSync(join(tmpdir(), 'stepgate-audit-'))
let paths = 0

after(() => rmSync(root, { recursive: true, force: true }))

/** A path in a folder of its own, which is not there yet, and is gone after the tests of the file. */
export function fresh(): string {
  return join(root, String(++paths), 'audit.jsonl')
}

/** An entry that can be told from others. */
export function entry(number: number, length = 0): Entry {
  return { event: 'decision', fields: `,"number":${number},"rest":"${'x'.repeat(length)}"` }
}

/** An open record, with what it has told of. */
export type Opened = {
  readonly audit: Audit
  readonly problems: (AuditProblem | null)[]
  readonly heads: { readonly seq: number; readonly hash: string }[]
  /** Resolves once the latest problem is of this kind; null: there is none any more. */
  readonly until: (kind: AuditProblem['kind'] | null) => Promise<void>
}

/** Opens a record that signs, with short times. */
export async function open(
  to: AuditOptions['to'],
  change: Partial<AuditOptions> = {},
): Promise<Opened> {
  const problems: (AuditProblem | null)[] = []
  const heads: Opened['heads'] = []
  let told = () => {}
  const audit = await openAudit({
    to,
    instance: 'test',
    newChainId: () => crypto.randomUUID(),
    signer: createSigner(PRIVATE_PEM),
    whenUnwritable: 'stop',
    syncEvery: 20,
    rotateBytes: null,
    now: Date.now,
    clock: () => performance.now(),
    onProblem: (problem) => {
      problems.push(problem)
      told()
    },
    onCheckpoint: (head) => heads.push(head),
    ...change,
    limits: { retryAfter: 10, slowAfter: 5000, ...change.limits },
  })
  const until = (kind: AuditProblem['kind'] | null) =>
    new Promise<void>((resolve) => {
      told = () => {
        if ((audit.problem()?.kind ?? null) === kind) resolve()
      }
      told()
    })
  return { audit, problems, heads, until }
}

/** Verifies with the key of these tests. */
export function verify(...paths: readonly string[]) {
  const keys = [createSignatureCheck(PUBLIC_PEM)]
  return verifyFiles(paths, { keys, head: null, onProgress: () => {} })
}

/** The lines of a file as objects. */
export function linesOf(path: string): readonly Record<string, unknown>[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line))
}

/** The numbers of the entries in these files, in order. */
export function numbersIn(...paths: readonly string[]): readonly unknown[] {
  return paths.flatMap(linesOf).flatMap(({ number }) => (number === undefined ? [] : [number]))
}

/** The events in a file, in order. */
export function eventsIn(path: string): readonly unknown[] {
  return linesOf(path).map(({ event }) => event)
}
