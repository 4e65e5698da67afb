import type { CheckResponse, HeaderOption, Struct, Value } from './wire.ts'

/** Bytes that are written from the last to the first, so that the length of a message is known before it is written. */
type Output = { bytes: Buffer; used: number }

/** One after the other, as long as nothing waits in between: then one piece of memory does for all answers. */
const output: Output = { bytes: Buffer.allocUnsafe(4096), used: 0 }

/** Writes an answer in the wire format of Protocol Buffers, field numbers as in `proto/`. Strings must be well-formed. */
export function encodeResponse(response: CheckResponse): Buffer {
  output.used = 0
  message(4, response.dynamicMetadata, struct)
  if ('okResponse' in response) message(3, response.okResponse, okResponse)
  else message(2, response.deniedResponse, deniedResponse)
  message(1, response.status, code)
  return Buffer.from(output.bytes.subarray(output.bytes.length - output.used))
}

function okResponse({
  headers,
  headersToRemove,
}: Extract<CheckResponse, { okResponse: unknown }>['okResponse']): void {
  for (const name of headersToRemove.toReversed()) text(5, name)
  headerOptions(headers)
}

function deniedResponse({
  status,
  headers,
  body,
}: Extract<CheckResponse, { deniedResponse: unknown }>['deniedResponse']): void {
  text(3, body)
  headerOptions(headers)
  message(1, status, code)
}

function headerOptions(headers: readonly HeaderOption[]): void {
  for (const option of headers.toReversed()) message(2, option, headerOption)
}

function headerOption({ header, appendAction }: HeaderOption): void {
  number(3, appendAction)
  message(1, header, pair)
}

function pair({ key, value }: HeaderOption['header']): void {
  text(2, value)
  text(1, key)
}

function code(status: { readonly code: number }): void {
  if (status.code !== 0) number(1, status.code)
}

function struct({ fields }: Struct): void {
  for (const entry of Object.entries(fields).toReversed()) message(1, entry, structEntry)
}

function structEntry([name, value]: [string, Value]): void {
  message(2, value, structValue)
  text(1, name)
}

function structValue(value: Value): void {
  if ('stringValue' in value) text(3, value.stringValue)
  else message(5, value.structValue, struct)
}

/** A field that is a message: present also when nothing is in it. */
function message<T>(field: number, value: T, write: (value: T) => void): void {
  const before = output.used
  write(value)
  varint(output.used - before)
  varint((field << 3) | LENGTH_DELIMITED)
}

function text(field: number, value: string): void {
  const size = Buffer.byteLength(value)
  makeRoom(size)
  output.used += size
  output.bytes.write(value, output.bytes.length - output.used, size, 'utf8')
  varint(size)
  varint((field << 3) | LENGTH_DELIMITED)
}

function number(field: number, value: number): void {
  varint(value)
  varint(field << 3)
}

/** Seven bits a byte, the lowest first; every byte but the last has its highest bit set. Nothing here takes 28 bits. */
function varint(value: number): void {
  const size = value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : 4
  makeRoom(size)
  output.used += size
  let at = output.bytes.length - output.used
  let rest = value
  for (let left = size; left > 1; left--) {
    output.bytes[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  output.bytes[at] = rest
}

/** What is written already stays at the end. */
function makeRoom(size: number): void {
  const { bytes, used } = output
  if (used + size <= bytes.length) return
  const larger = Buffer.allocUnsafe((used + size) * 2)
  bytes.copy(larger, larger.length - used, bytes.length - used)
  output.bytes = larger
}

/** The wire type of strings and messages. */
const LENGTH_DELIMITED = 2
