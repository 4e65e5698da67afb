import assert from 'node:assert/strict'
import { suite, test } from 'node:test'
import { cookieValues } from '../../src/domain/cookies.ts'

const NAME = '__Host-session'

suite('the values of a cookie', () => {
  const cases: [name: string, line: string, expected: string[]][] = [
    ['alone', `${NAME}=t`, ['t']],
    ['in quotes, between blanks', `a=b ;\t ${NAME} = "t" ; c`, ['t']],
    ['with the name in the value', `${NAME}=${NAME}=t`, [`${NAME}=t`]],
    ['twice', `${NAME}=t; ${NAME}=u`, ['t', 'u']],
    ['besides values with commas', `a=1,2; ${NAME}=t; b="3,4"`, ['t']],
    ['a value with a comma', `${NAME}=t,u`, ['t,u']],
    // A neighbouring subdomain can set these in spite of the prefix, and they are no token.
    ['within the value of another', `a=1,${NAME}=t`, [',t']],
    ['within quotes', `a="1, ${NAME}=t"`, [',t"']],
    ['besides one within the value of another', `${NAME}=t; a=1,${NAME}=u`, ['t', ',u']],
    ['twice on lines that Envoy joined', `${NAME}=t,${NAME}=u`, [`t,${NAME}=u`, ',u']],
    ...['\u00a0', '\u2000', '\u3000', '\ufeff', '\v', '\f'].map((blank): (typeof cases)[number] => [
      `a name that begins with ${JSON.stringify(blank)}`,
      `${blank}${NAME}=t`,
      [],
    ]),
  ]
  for (const [name, line, expected] of cases) {
    test(name, () => assert.deepEqual(cookieValues(new Map([['cookie', [line]]]), NAME), expected))
  }
})
