/** For a visit that nobody signed, that is too old, or that has been here before. */
export function endedPage(): string {
  return page(
    'This link has ended',
    '<p>Open the page that you wanted once more: it leads here again if it has to.</p>',
  )
}

/** For a login that came back without a token. */
export function failedPage(returnTo: string): string {
  return page(
    'The login did not work',
    `<p>You were not logged in. <a href="${escapeHtml(returnTo)}">Try again</a></p>`,
  )
}

/** For a browser that has only just logged in for the same page, and is asked for the same again. */
export function againPage(): string {
  return page(
    'Another login is needed',
    `<p role="alert">You have just logged in, and that was not enough for this page.</p>
    <form method="post"><button>Log in once more</button></form>`,
  )
}

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>${title}</title>
  <style>body { font: 16px/1.5 system-ui; max-width: 24rem; margin: 4rem auto }</style>
  <body>
    <h1>${title}</h1>
    ${content}
  </body>
</html>
`
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
