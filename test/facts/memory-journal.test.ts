import { createMemoryJournal } from '../../src/facts/journal.ts'
import { describeJournal } from './journal-suite.ts'

describeJournal('a journal in memory', createMemoryJournal)
