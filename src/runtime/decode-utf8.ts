import { isUtf8 } from 'node:buffer'
import type { Issue } from '../domain/issue.ts'

/** The text of a file, or the place of its first byte that is not UTF-8. */
export type Decoded =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly issue: Issue }

const LINE_FEED = 0x0a

/** Decodes UTF-8 strictly (RFC 3629) and drops a byte order mark: a policy with replaced characters is another policy. */
export function decodeUtf8(file: string, bytes: Buffer): Decoded {
  if (isUtf8(bytes)) return { ok: true, text: new TextDecoder().decode(bytes) }
  return { ok: false, issue: invalidUtf8(file, bytes) }
}

/** No byte of a longer sequence is a line feed, so lines can be judged one by one. */
function invalidUtf8(file: string, bytes: Buffer): Issue {
  let line = 1
  let start = 0
  let end = endOfLine(bytes, start)
  while (isUtf8(bytes.subarray(start, end))) {
    line++
    start = end + 1
    end = endOfLine(bytes, start)
  }
  const source = new TextDecoder().decode(bytes.subarray(start, end))
  return {
    severity: 'error',
    code: 'invalid-utf8',
    message: 'the file is not valid UTF-8',
    file,
    line,
    column: Math.max(source.indexOf('\ufffd'), 0) + 1,
    source,
    length: 1,
    hint: 'save the file as UTF-8',
  }
}

function endOfLine(bytes: Buffer, start: number): number {
  const end = bytes.indexOf(LINE_FEED, start)
  return end === -1 ? bytes.length : end
}
