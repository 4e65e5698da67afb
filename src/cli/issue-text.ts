import { formatIssues, type Issue } from '../domain/issue.ts'
import { type Paint, plural } from './paint.ts'

/** Issues as the service prints them, with the severity coloured. */
export function paintIssues(issues: readonly Issue[], paint: Paint): string {
  return formatIssues(issues).replaceAll(
    /^(.*?: )(error|warning)(\[[a-z-]+\]: )/gm,
    (_, place, severity, code) => {
      const painted = paint(severity === 'error' ? 'red' : 'yellow', `${severity}`)
      return `${place}${painted}${code}`
    },
  )
}

/** `2 errors, 1 warning`, or `no mistakes`. */
export function countIssues(issues: readonly Issue[]): string {
  const errors = issues.filter(({ severity }) => severity === 'error').length
  const warnings = issues.length - errors
  const counts = [
    ...(errors > 0 ? [plural(errors, 'error')] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
  ]
  return counts.join(', ') || 'no mistakes'
}

export function hasErrors(issues: readonly Issue[]): boolean {
  return issues.some(({ severity }) => severity === 'error')
}
