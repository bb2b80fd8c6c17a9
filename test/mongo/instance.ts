import { openInstance } from './store.ts'

/**
 * A process of its own with a store open: node instance.ts URL DATABASE. It prints `open`, and ends when its input ends.
 */
const [url = '', database = ''] = process.argv.slice(2)
const { store } = await openInstance(url, database)
process.stdout.write('open\n')
process.stdin.on('end', () => void store.close()).resume()
