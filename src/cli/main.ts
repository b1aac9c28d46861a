#!/usr/bin/env node
/** `s3-upload-kit <command>`: hands over to the command's module. */
import { s3Command, s3Help } from './s3.ts'
import { UsageError } from './usage-error.ts'

const commands: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = { s3: s3Command }

const help = `s3-upload-kit <command> [options]

${s3Help}`

async function main([name, ...args]: readonly string[]): Promise<void> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(help)
    return
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) throw new UsageError(`There is no command ${name}.`)
  await command(args)
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  if (error instanceof UsageError) console.error(`\n${help}`)
  process.exitCode = 1
}
