/* `npx node scripts/make-location.ts` writes the location file of the sample and the tests. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleLocationFile } from '../test/support/sample-location.ts'

const folder = join(import.meta.dirname, '../config/data')
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'location-sample.mmdb'), sampleLocationFile())
