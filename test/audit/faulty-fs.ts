import type { FileHandle } from 'node:fs/promises'
import * as promises from 'node:fs/promises'
import type { AuditFs } from '../../src/audit/file-sink.ts'

/** What a disk can do wrong; each call asks it first. */
export type Faults = {
  /** Before bytes are written: how many of them fit, or an error. */
  write?: ((length: number) => number) | null
  /** Before a sync; what it throws is its result. */
  datasync?: (() => Promise<void>) | null
  open?: (() => void) | null
}

/** The error that the system gives, by its code. */
export function systemError(code: 'ENOSPC' | 'EROFS' | 'EIO'): Error {
  return Object.assign(new Error(`${code}: made up`), { code })
}

/** The real file system, with these faults while they are set. */
export function faultyFs(faults: Faults): AuditFs {
  return {
    ...promises,
    open: async (...args: Parameters<typeof promises.open>) => {
      faults.open?.()
      return faulty(await promises.open(...args), faults)
    },
  }
}

function faulty(handle: FileHandle, faults: Faults): FileHandle {
  const write = async (bytes: Buffer) => {
    const fits = faults.write?.(bytes.length) ?? bytes.length
    return handle.write(bytes.subarray(0, fits))
  }
  const datasync = async () => {
    await faults.datasync?.()
    return handle.datasync()
  }
  const replaced = new Map<string | symbol, unknown>([
    ['write', write],
    ['datasync', datasync],
  ])
  return new Proxy(handle, {
    get: (target, name) => {
      const value: unknown = replaced.get(name) ?? Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
