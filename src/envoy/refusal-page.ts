import { explain, type Refused } from './explanation.ts'
import { MAX_BODY } from './problem.ts'

/** What goes with the page: it may load nothing, run nothing and be framed by nobody. */
export const PAGE_HEADERS: readonly (readonly [name: string, value: string])[] = [
  ['content-type', 'text/html; charset=utf-8'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
]

/**
 * The body of a refusal for somebody who sees it in a browser: the same words as in the problem body. The reason is left
 * out where it would make the page too long.
 */
export function refusalPage(decision: Refused, id: string): string {
  const { title, detail } = explain(decision)
  const later = decision.outcome === 'fault' ? '<p>Try again in a moment.</p>' : ''
  const page = (facts: string) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<h1>${title}</h1>
<p>${detail}.</p>
${later}<p><small>${facts}${id === '' ? '' : `Decision: ${escapeHtml(id)}`}</small></p>
</html>
`
  const full = page(`Reason: ${escapeHtml(decision.reason.toWellFormed())}. `)
  return Buffer.byteLength(full) < MAX_BODY ? full : page('')
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
