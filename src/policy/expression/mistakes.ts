import type { ExpressionProblem, KnownNames } from './known-names.ts'
import { unknownField, unknownRoot } from './names.ts'
import { noSuchFunction, noSuchOperator, typeIn } from './type-mistakes.ts'

/** CEL's error: a one-line summary, the stretch that it is about, and what kind it is. */
type CelError = {
  readonly code?: string
  readonly summary?: string
  readonly message?: string
  readonly range?: { readonly start: number; readonly end: number }
}

/** A mistake that CEL's parser or type checker found, in an author's words. */
export function describeMistake(
  known: KnownNames,
  error: unknown,
  text: string,
): ExpressionProblem {
  const { code, summary, message, range } = error as CelError
  const said = (summary ?? message ?? String(error)).split('\n', 1)[0] ?? ''
  const found = {
    code: 'bad-expression',
    message: lowerFirst(said.replace(/\.$/, '')),
    hint: null,
    start: range?.start ?? 0,
    end: Math.max(range?.end ?? text.length, (range?.start ?? 0) + 1),
  }
  const word = text.slice(found.start, found.end)
  if (said.startsWith('Operator overload')) {
    const hint = 'an empty list or mapping has no type'
    return { ...found, message: 'the type of this cannot be told', hint }
  }
  const describe = MISTAKES.get(code ?? '')
  return describe ? { ...found, ...describe({ known, said, word, text, found }) } : found
}

/** What CEL found. */
export type Mistake = {
  readonly known: KnownNames
  /** CEL's own words. */
  readonly said: string
  /** The stretch that they are about. */
  readonly word: string
  readonly text: string
  readonly found: ExpressionProblem
}
/** What is said instead of CEL's words. */
export type Description = Partial<ExpressionProblem>

const MISTAKES = new Map<string, (mistake: Mistake) => Description>([
  ['no_such_key', noSuchKey],
  ['unknown_variable', ({ known, word }: Mistake) => unknownRoot(known, word)],
  ['no_such_overload', noSuchOperator],
  ['no_matching_overload', noSuchFunction],
  ['unexpected_character', unexpected],
  ['unexpected_token', unexpected],
  ['expected_token', missingToken],
  [
    'unterminated_string',
    () => ({ message: 'this text is not closed', hint: 'close it with a quote' }),
  ],
  [
    'reserved_identifier',
    ({ word }: Mistake) => ({ message: `\`${word}\` is a reserved word of CEL` }),
  ],
  ['limit_exceeded', limitExceeded],
  [
    'invalid_logical_operand',
    ({ said }: Mistake) => ({
      message: `\`&&\` and \`||\` join conditions, and one side is ${typeIn(said)}`,
    }),
  ],
  [
    'invalid_condition_type',
    ({ said }: Mistake) => ({
      message: `a condition is true or false, and this is ${typeIn(said)}`,
    }),
  ],
  [
    'invalid_macro_argument',
    () => ({ hint: '`has(request.body.seats)`, `list.exists(x, x == "a")`' }),
  ],
])

function noSuchKey({ known, said, word, text, found }: Mistake): Description {
  const name = said.replace(/^No such key: /, '')
  const at = found.start + Math.max(0, word.lastIndexOf(name))
  const base = /([A-Za-z_][\w.]*)(?:\.|\[["'])$/.exec(text.slice(0, at))?.[1] ?? ''
  const place = { start: at, end: at + name.length }
  return { ...unknownField(known, base, name), ...place }
}

function unexpected({ word, said, text, found }: Mistake): Description {
  if (said.endsWith('EOF')) return { message: 'the expression ends too early' }
  const before = text.slice(0, found.start)
  const isUnit = /\d$/.test(before) && /^(ms|s|m|h)$/.test(word)
  const number = /\d+$/.exec(before)?.[0] ?? ''
  const hint = isUnit
    ? `write a duration as \`duration("${number}${word}")\``
    : (WRITTEN.get(word.toLowerCase()) ?? null)
  return { message: `\`${word}\` is not expected here`, hint }
}

/** How CEL writes what other languages write so. */
const WRITTEN: ReadonlyMap<string, string> = new Map([
  ['=', 'equality is written `==`'],
  ['and', '“and” is written `&&`'],
  ['&', '“and” is written `&&`'],
  ['or', '“or” is written `||`'],
  ['|', '“or” is written `||`'],
  ['not', '“not” is written `!`'],
])

/** `Expected RPAREN, got EOF`. */
function missingToken({ said, text, found }: Mistake): Description {
  if (text[found.start] === '?') {
    const hint = '`has(…)` tests for a field'
    return { code: 'cel-not-accepted', message: 'optional fields are not accepted here', hint }
  }
  const [, wanted = ''] = /^Expected (\w+)/.exec(said) ?? []
  return { message: `${TOKENS.get(wanted) ?? wanted.toLowerCase()} is missing here` }
}

const TOKENS: ReadonlyMap<string, string> = new Map([
  ['RPAREN', '`)`'],
  ['RBRACKET', '`]`'],
  ['RBRACE', '`}`'],
  ['COLON', '`:`'],
  ['COMMA', '`,`'],
  ['IDENTIFIER', 'a name'],
])

/** `Exceeded maxAstNodes (500)`. */
function limitExceeded({ said }: Mistake): Description {
  const [, limit = ''] = /\((\d+)\)/.exec(said) ?? []
  const message = said.includes('maxDepth')
    ? `this is nested over ${limit} deep`
    : said.includes('maxAstNodes')
      ? `the expression has over ${limit} parts`
      : `the list is longer than ${limit}`
  return { code: 'cel-not-accepted', message, hint: 'divide it into variables' }
}

function lowerFirst(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1)
}
