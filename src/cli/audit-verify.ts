import { readFileSync, statSync } from 'node:fs'
import { createSignatureCheck, type SignatureCheck } from '../audit/signer.ts'
import type { Verification } from '../audit/verification.ts'
import { verifyFiles } from '../audit/verify.ts'
import type { ExpectedHead } from './audit.ts'
import { auditFilesAt, reasonOf } from './audit-files.ts'
import { verificationText } from './audit-text.ts'
import { painter } from './paint.ts'
import { type CliWorld, type ExitCode, UsageError } from './world.ts'

/** Options of `stepgate audit verify`. */
export type AuditVerifyOptions = {
  /** Files with public keys. */
  readonly key: readonly string[]
  readonly head?: ExpectedHead
  readonly format: 'text' | 'json'
}

/** Bytes between two signs of life on a terminal. */
const STEP = 64 * 1024 * 1024

/** `stepgate audit verify`: whether the record is as it was written, and where it first is not. */
export async function auditVerify(
  paths: readonly string[],
  options: AuditVerifyOptions,
  world: CliWorld,
): Promise<ExitCode> {
  const files = paths.flatMap(auditFilesAt)
  const keys = options.key.map(readKey)
  const progress = createProgress(files, world)
  const result = await verify(files, { keys, head: options.head ?? null, onProgress: progress.at })
  progress.end()
  world.out(
    options.format === 'json'
      ? `${JSON.stringify(result, null, 2)}\n`
      : verificationText(result, keys.length > 0, painter(world)),
  )
  return result.broken === null ? 0 : 1
}

async function verify(...args: Parameters<typeof verifyFiles>): Promise<Verification> {
  try {
    return await verifyFiles(...args)
  } catch (error) {
    throw new UsageError(`cannot read the record: ${reasonOf(error)}`)
  }
}

function readKey(file: string): SignatureCheck {
  try {
    return createSignatureCheck(readFileSync(file))
  } catch (error) {
    throw new UsageError(`${file}: ${reasonOf(error)}`)
  }
}

/** One line on a terminal that says how far it is; nothing elsewhere. */
function createProgress(files: readonly string[], { colour, err }: CliWorld) {
  const total = files.reduce((sum, file) => sum + statSync(file).size, 0)
  let shown = 0
  return {
    at: (bytes: number) => {
      if (!colour || bytes - shown < STEP) return
      shown = bytes
      // Files packed by gzip are larger than they look.
      err(`\r${megabytes(bytes)} of ${megabytes(Math.max(bytes, total))} MB`)
    },
    end: () => {
      if (shown > 0) err('\r\x1b[K')
    },
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000)
}
