import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The cores of servers and load; null where processes cannot be pinned, and then figures are rough. */
export type Cores = { readonly server: number; readonly load: number } | null

/** Pins this process to one of its cores and names another for the servers. */
export function pinLoad(): Cores {
  const [server, load] = allowedCores()
  if (server === undefined || load === undefined) return null
  const pinned = spawnSync('taskset', ['-acp', String(load), String(process.pid)])
  return pinned.status === 0 ? { server, load } : null
}

/** The command that runs a program on the servers' core. */
export function pinned(cores: Cores, command: readonly string[]): readonly string[] {
  return cores === null ? command : ['taskset', '-c', String(cores.server), ...command]
}

/** Resident memory of a process in bytes; null where the system does not tell. */
export function residentBytes(pid: number): number | null {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(processFile(pid, 'status')) ?? []
  return kibibytes === undefined ? null : Number(kibibytes) * 1024
}

/** Milliseconds of processor time that a process has used, to the nearest ten; null where the system does not tell. */
export function processorTime(pid: number): number | null {
  const fields = processFile(pid, 'stat').split(') ')[1]?.split(' ')
  return fields === undefined ? null : (Number(fields[11]) + Number(fields[12])) * TICK
}

/** Linux counts processor time in hundredths of a second. */
const TICK = 10

/** Ranges such as `0-1,4`. */
function allowedCores(): readonly number[] {
  const [, list = ''] =
    /^Cpus_allowed_list:\s+(.*)$/m.exec(processFile(process.pid, 'status')) ?? []
  return list.split(',').flatMap((range) => {
    const [first = Number.NaN, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 || 0 }, (_, index) => first + index)
  })
}

function processFile(pid: number, name: string): string {
  try {
    return readFileSync(`/proc/${pid}/${name}`, 'utf8')
  } catch {
    return ''
  }
}
