import type {
  Broken,
  ChainSummary,
  Disturbed,
  FileSummary,
  GapFound,
  RepairFound,
  Unvouched,
  Verification,
} from '../audit/verification.ts'
import { type Paint, plural, printable } from './paint.ts'

/** The result of a verification for people: files, what they tell of themselves, and the verdict last. */
export function verificationText(result: Verification, withKeys: boolean, paint: Paint): string {
  const { files, chains, gaps, repairs, unvouched, disturbed, broken } = result
  const lines = [
    ...files.map(fileLine),
    ...chains.map(chainLine),
    ...gaps.map((gap) => paint('yellow', gapLine(gap))),
    ...repairs.map((repair) => paint('yellow', repairLine(repair))),
    ...unvouched.map((one) => paint('yellow', unvouchedLine(one))),
    ...disturbed.map((one) => paint('yellow', disturbedLine(one))),
    checkpointLine(result, withKeys),
    broken === null ? paint('green', fineLine(result)) : paint('red', brokenLine(broken)),
  ]
  return lines.map((line) => `${line}\n`).join('')
}

function fileLine({ file, records, first, last, torn }: FileSummary): string {
  const span = first === null ? '' : `, ${first} to ${last}`
  const rest = torn > 0 ? `, then ${plural(torn, 'byte')} of an unfinished one` : ''
  return `${printable(file)}: ${plural(records, 'record')}${span}${rest}`
}

function chainLine({ chain, first, last, begin, end, unsigned }: ChainSummary): string {
  const from =
    begin === 'start' ? 'from its start' : `from record ${first} on, without the files before`
  const to =
    end === 'stopped'
      ? 'to a stop in order'
      : `to record ${last}, an open end (${plural(unsigned, 'record')} behind the last checkpoint)`
  return `chain ${printable(chain)}: ${from} ${to}`
}

function gapLine({ file, line, seq, cause, count, since, until }: GapFound): string {
  const many = count === null ? 'an unknown number of records' : plural(count, 'record')
  const from = since === null ? '' : ` from ${since}`
  return printable(
    `${file}:${line}: gap at record ${seq}: ${many} not written${from} to ${until} (${cause})`,
  )
}

function repairLine({ file, line, seq, bytes, ts }: RepairFound): string {
  const what = `${plural(bytes, 'byte')} of an unfinished record cut off`
  return printable(`${file}:${line}: repair at record ${seq}: ${what} at ${ts}`)
}

function unvouchedLine({ file, line, first, last }: Unvouched): string {
  const were = first === last ? `record ${first} was` : `records ${first} to ${last} were`
  const them = first === last ? 'it' : 'them'
  return printable(
    `${file}:${line}: ${were} never signed by the process that wrote ${them}, which was killed`,
  )
}

function disturbedLine({ file, line, begin }: Disturbed): string {
  const what =
    begin === 'damaged' ? 'was put aside as damaged' : `was ${begin} while it was written`
  return printable(`${file}:${line}: the file before this one ${what}`)
}

function checkpointLine({ checkpoints }: Verification, withKeys: boolean): string {
  const { count, genuine, keys } = checkpoints
  const signed = keys.length === 0 ? 'none signed' : `signed by ${printable(keys.join(', '))}`
  const checked = withKeys ? `${genuine} verified` : 'signatures not checked: no --key'
  return `${plural(count, 'checkpoint')}, ${signed}, ${checked}`
}

function fineLine({ records, gaps, repairs }: Verification): string {
  const told = [
    ...(gaps.length > 0 ? [plural(gaps.length, 'gap')] : []),
    ...(repairs.length > 0 ? [plural(repairs.length, 'repair')] : []),
  ]
  const rest = told.length > 0 ? `; the record tells of ${told.join(' and ')}` : ''
  return `${plural(records, 'record')}, all as written${rest}`
}

function brokenLine({ file, line, what, message }: Broken): string {
  return printable(`${file}:${line}: ${what}: ${message}`)
}
