/** One challenge of `WWW-Authenticate` (RFC 9110 §11.3); names are in lower case, since their case does not count. */
export type ParsedChallenge = {
  readonly scheme: string
  readonly token68?: string
  readonly parameters: Readonly<Record<string, string>>
}

type Scanner = { readonly text: string; at: number }

const TCHAR = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]"
const QUOTED =
  '"((?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e\\x80-\\xff]|\\\\[\\t \\x21-\\x7e\\x80-\\xff])*)"'
const TOKEN = new RegExp(`${TCHAR}+`, 'y')
const PARAMETER = new RegExp(`(${TCHAR}+)[ \\t]*=[ \\t]*(?:(${TCHAR}+)|${QUOTED})`, 'y')
const TOKEN68 = /[0-9A-Za-z\-._~+/]+=*/y
const COMMA = /[ \t]*,[ \t]*/y
const BLANKS = / +/y

/**
 * Reads a whole field value as a list of challenges, to the letter of RFC 9110 §11.2 to §11.6.1 and of the list rule for
 * senders (§5.6.1.1: no empty elements). Throws at the first character that the grammar does not allow, and at a
 * parameter that stands twice in a challenge.
 */
export function parseChallenges(text: string): readonly ParsedChallenge[] {
  const scanner = { text, at: 0 }
  const challenges = [readChallenge(scanner)]
  while (take(scanner, COMMA)) challenges.push(readChallenge(scanner))
  return scanner.at === text.length ? challenges : refuse(scanner, 'a comma or the end')
}

function readChallenge(scanner: Scanner): ParsedChallenge {
  const [name] = take(scanner, TOKEN) ?? refuse(scanner, 'a scheme')
  const scheme = name.toLowerCase()
  if (!take(scanner, BLANKS)) return { scheme, parameters: {} }
  const parameters = readParameters(scanner)
  if (parameters !== null) return { scheme, parameters }
  const [token68] = take(scanner, TOKEN68) ?? refuse(scanner, 'a parameter or a token68')
  return { scheme, token68, parameters: {} }
}

/** Null where no parameter begins; a comma is left alone where another challenge follows it. */
function readParameters(scanner: Scanner): Record<string, string> | null {
  const read = new Map<string, string>()
  let before = scanner.at
  for (let found = take(scanner, PARAMETER); found; found = take(scanner, PARAMETER)) {
    const [, name = '', token, quoted = ''] = found
    const key = name.toLowerCase()
    if (read.has(key)) refuse(scanner, `no second ${key}`)
    read.set(key, token ?? quoted.replace(/\\(.)/gs, '$1'))
    before = scanner.at
    if (!take(scanner, COMMA)) break
  }
  scanner.at = before
  return read.size > 0 ? Object.fromEntries(read) : null
}

function take(scanner: Scanner, pattern: RegExp): RegExpExecArray | null {
  pattern.lastIndex = scanner.at
  const found = pattern.exec(scanner.text)
  if (found) scanner.at = pattern.lastIndex
  return found
}

function refuse({ text, at }: Scanner, wanted: string): never {
  throw new SyntaxError(`${wanted} should stand at ${at} of ${JSON.stringify(text)}`)
}
