/** What a run has seen of faults, as a table that the run writes itself: nobody has to keep it true by hand. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** One fault and its price. */
interface FaultRow {
  /** What went wrong, and where. */
  fault: string
  /** What the user sees of it, from then on. */
  sees: string
  /** Requests with bytes of the file, after the first one of each. */
  requests: number
  /** Bytes of the file in them. */
  bytes: number
  /** Calls to the signer because of it. */
  signer: number
}

/** See {@link faultTable}. */
export interface FaultTable {
  readonly add: (row: FaultRow) => void
  /** Writes `node_modules/.cache/fault-tables/<name>.md` and prints where it is. */
  readonly write: () => string
}

const folder = 'node_modules/.cache/fault-tables'
const columns = [
  'fault',
  'what the user sees',
  'requests again',
  'bytes again',
  'signer asked again',
] as const

const cell = (value: string | number): string => String(value).replaceAll('|', '\\|').replaceAll('\n', ' ')

/**
 * Makes a table.
 * @param name of the file, without its extension
 * @param about what stands above the table: how large the file was, and how it was sent
 */
export function faultTable(name: string, about: string): FaultTable {
  const rows: FaultRow[] = []
  return {
    add: (row) => void rows.push(row),
    write() {
      const lines = [
        `# Faults: ${name}`,
        '',
        about,
        '',
        `| ${columns.join(' | ')} |`,
        `| ${columns.map((_, at) => (at < 2 ? '---' : '--:')).join(' | ')} |`,
        ...rows.map(
          ({ fault, sees, requests, bytes, signer }) =>
            `| ${[fault, sees, requests, bytes, signer].map(cell).join(' | ')} |`,
        ),
        '',
      ]
      mkdirSync(folder, { recursive: true })
      const path = join(folder, `${name}.md`)
      writeFileSync(path, lines.join('\n'))
      console.log(`${rows.length} faults: ${path}`)
      return path
    },
  }
}
