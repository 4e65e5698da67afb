import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { MAX_DEVICE_ID } from './device-id.ts'
import { watchFile } from './watched-file.ts'

/** How one device stands. */
export type DeviceEntry = {
  readonly trusted: boolean
  /** 0 (bad) to 100 (good). */
  readonly reputation: number
}

/** A list of devices that is kept up to date. */
export type DeviceFile = {
  /** Null for a device that is not on the list; undefined when the list was never read. */
  readonly find: (id: string) => DeviceEntry | null | undefined
  /** Resolves when nothing of it is left. */
  readonly stop: () => Promise<void>
}

/** Where the list is, and who is told of it. */
export type DeviceFileOptions = {
  readonly file: string
  /** Reads a regular file of at most `maxBytes`, or throws. */
  readonly readFile: (file: string, maxBytes: number) => Promise<Uint8Array>
  readonly onLoaded: (loaded: { readonly file: string; readonly devices: number }) => void
  /** The list cannot be read or is broken; the last good one is served on. */
  readonly onFailed: (failed: { readonly file: string; readonly problem: string }) => void
  /** Milliseconds between two looks at the file. */
  readonly interval?: number
}

/** Some 400,000 devices. */
const MAX_BYTES = 32 * 1024 * 1024

const INTERVAL = 5000

/** Lines that are read before others get their turn: about two milliseconds. */
const SLICE = 1000

const LINE = z.strictObject({
  id: z.string().min(1).max(MAX_DEVICE_ID),
  trusted: z.boolean().prefault(false),
  reputation: z.number().min(0).max(100).prefault(0),
})

/**
 * Opens a list in JSON Lines, one device a line: `{"id": "laptop-7", "trusted": true, "reputation": 80}`; what is left
 * out is false and 0. The first reading is awaited, whatever comes of it.
 */
export async function openDeviceFile(options: DeviceFileOptions): Promise<DeviceFile> {
  const { file, readFile, onLoaded, onFailed, interval = INTERVAL } = options
  let devices: ReadonlyMap<string, DeviceEntry> | null = null
  const read = async (stopping: AbortSignal) => {
    try {
      const found = await readDevices(await readFile(file, MAX_BYTES), stopping)
      return () => {
        devices = found
        onLoaded({ file, devices: found.size })
      }
    } catch (error) {
      return () =>
        onFailed({ file, problem: error instanceof Error ? error.message : String(error) })
    }
  }
  const { stop } = await watchFile(file, { read, interval })
  return { find: (id) => (devices === null ? undefined : (devices.get(id) ?? null)), stop }
}

/** Goes through the lines in slices, so that no request waits for a long list. */
async function readDevices(
  bytes: Uint8Array,
  stopping: AbortSignal,
): Promise<ReadonlyMap<string, DeviceEntry>> {
  const devices = new Map<string, DeviceEntry>()
  const utf8 = new TextDecoder('utf-8', { fatal: true })
  let line = 1
  for (let at = 0; at < bytes.length; line++) {
    const found = bytes.indexOf(NEWLINE, at)
    const end = found === -1 ? bytes.length : found
    addDevice(devices, decode(utf8, bytes.subarray(at, end), line), line)
    at = end + 1
    if (line % SLICE === 0) await setImmediate(undefined, { signal: stopping })
  }
  return devices
}

const NEWLINE = 0x0a

function decode(utf8: InstanceType<typeof TextDecoder>, bytes: Uint8Array, line: number): string {
  try {
    return utf8.decode(bytes).trim()
  } catch {
    throw new Error(`line ${line} is not UTF-8`)
  }
}

function addDevice(devices: Map<string, DeviceEntry>, text: string, line: number): void {
  if (text === '') return
  const parsed = LINE.safeParse(json(text))
  if (!parsed.success) {
    const shape = '{"id": TEXT, "trusted": true or false, "reputation": 0 to 100}'
    throw new Error(`line ${line} is not ${shape} on one line`)
  }
  const { id, ...entry } = parsed.data
  if (devices.has(id)) throw new Error(`line ${line} names a device that an earlier line has`)
  devices.set(id, entry)
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
