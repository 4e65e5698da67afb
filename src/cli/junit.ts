import { formatIssues } from '../domain/issue.ts'
import type { TestResult } from '../scenario/run-tests.ts'
import type { PlacedResult, SuiteResult } from './run-suite.ts'
import { failureDetails } from './test-text.ts'

/** The results as JUnit XML, one suite a policy, for the test reports of CI systems. */
export function junit(suites: readonly SuiteResult[]): string {
  const tests = suites.flatMap((suite) => suite.tests)
  const failures = tests.filter(({ passed }) => !passed).length
  const errors = suites.filter(({ issues }) => issues.length > 0).length
  const counted = { tests: tests.length + errors, failures, errors }
  const inside = suites.map(suiteXml).join('\n')
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'stepgate', ...counted }, inside)}\n`
}

function suiteXml({ policy, issues, tests }: SuiteResult): string {
  const failures = tests.filter(({ passed }) => !passed).length
  const errors = issues.length > 0 ? 1 : 0
  const counted = { tests: tests.length + errors, failures, errors }
  const broken = errors > 0 ? [loadXml(policy, formatIssues(issues))] : []
  return element(
    'testsuite',
    { name: policy, ...counted },
    [...broken, ...tests.map(testXml)].join('\n'),
  )
}

function loadXml(policy: string, issues: string): string {
  const error = element('error', { message: 'there are mistakes in the files' }, xml(issues))
  return element('testcase', { name: 'loads', classname: policy }, error)
}

function testXml({ file, line, passed, result }: PlacedResult): string {
  const attributes = { name: result.name, classname: file, file, line }
  if (passed) return element('testcase', attributes, '')
  const details = failureDetails(result).join('\n')
  const failure = element('failure', { message: messageOf(result) }, xml(details))
  return element('testcase', attributes, failure)
}

function messageOf(result: TestResult): string {
  if (result.kind === 'mistake') return result.message
  const [first] = result.differences
  return first ? `${first.what}: expected ${first.expected}, got ${first.got}` : ''
}

function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  inside: string,
): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${attribute(String(value))}"`,
  )
  return `<${name}${written.join('')}>${inside}</${name}>`
}

/** Characters that XML 1.0 §2.2 does not have are replaced. */
function xml(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"']/g, reference)
}

/** White space in an attribute would be read as blanks (XML 1.0 §3.3.3). */
function attribute(text: string): string {
  return xml(text).replace(/[\t\n\r]/g, reference)
}

function reference(char: string): string {
  return `&#${char.charCodeAt(0)};`
}
