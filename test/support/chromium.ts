import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

/** As Debian, Fedora, Arch and Google name it. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome']

/** Of a browser that is to do nothing by itself; the sandbox takes rights that containers do not have. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/**
 * The path of a Chromium: `CHROMIUM_BIN`, else the first on the path. Where there is none: why, to skip tests with; but
 * where `CI` or `REQUIRE_BROWSER` is set it rejects.
 */
export async function findChromium(
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | { readonly missing: string }> {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const candidates = env.CHROMIUM_BIN
    ? [env.CHROMIUM_BIN]
    : NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  for (const path of candidates) if (await isExecutable(path)) return path
  const missing = `no Chromium at ${env.CHROMIUM_BIN || 'any place of PATH'}: install chromium, or set CHROMIUM_BIN`
  if (env.CI || env.REQUIRE_BROWSER) throw new Error(missing)
  return { missing }
}

/** Starts it without a window, with a profile that ends with it. */
export function startChromium(executablePath: string): Promise<Browser> {
  return chromium.launch({ executablePath, args: ARGUMENTS, chromiumSandbox: false })
}

function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}
