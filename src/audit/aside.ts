import type { AuditFs } from './file-sink.ts'

/** A name that nothing has yet: `prefix` and the instant, such as `20261123T100000.000Z`, numbered where it is taken. */
export async function asideName(
  fs: Pick<AuditFs, 'stat'>,
  prefix: string,
  at: number,
): Promise<string> {
  const name = `${prefix}${new Date(at).toISOString().replaceAll(/[-:]/g, '')}`
  for (let number = 0; ; number++) {
    const candidate = number === 0 ? name : `${name}-${number}`
    if ((await fs.stat(candidate).catch(unlessMissing)) === null) return candidate
  }
}

/** Null for an error that says that nothing is there; any other is thrown. */
export function unlessMissing(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
  throw error
}
