import type { Issue } from '../domain/issue.ts'

/** Causes that an operator meets, in words. */
const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  ENOTDIR: 'a part of its path is not a directory',
  ELOOP: 'its symbolic links go round in circles',
  EIO: 'the disk reports an error',
  EMFILE: 'too many files are open',
}

/** A file or directory that cannot be read; `cause` is what was thrown, or says why. */
export function unreadable(file: string, cause: unknown): Issue {
  const message = `cannot read the policy: ${causeText(cause)}`
  return wholeFile(
    file,
    'policy-unreadable',
    message,
    'check that it exists and that the service may read it',
  )
}

/** Files that are together larger than the limit, both in bytes. */
export function tooLarge(file: string, size: number, limit: number): Issue {
  const message = `the policy has ${size} bytes, and at most ${limit} are read`
  return wholeFile(
    file,
    'policy-too-large',
    message,
    'move long lists, such as networks, to files of their own',
  )
}

/** A failure of ours while a policy was loaded. */
export function loadFailed(file: string, cause: unknown): Issue {
  const message = `loading the policy failed: ${causeText(cause)}`
  return wholeFile(
    file,
    'load-failed',
    message,
    'this is a fault of the service; please report it with the policy',
  )
}

function wholeFile(file: string, code: string, message: string, hint: string): Issue {
  return { severity: 'error', code, message, file, line: 0, column: 1, source: '', length: 1, hint }
}

function causeText(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const code = 'code' in cause ? String(cause.code) : ''
  return CAUSES[code] ?? cause.message
}
