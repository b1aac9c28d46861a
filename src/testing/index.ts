export { grantOf, scriptedBackend } from './scripted-backend.ts'
export type { ScriptedBackend, ScriptedBackendOptions, ScriptedTypes } from './scripted-backend.ts'
export { scriptedTransport } from './scripted-transport.ts'
export type { ScriptedExchange, ScriptedTransport } from './scripted-transport.ts'
