'use client'
import type { Context, ReactNode } from 'react'
import { createContext, useContext, useMemo } from 'react'

import { en } from '../i18n/locales/en.ts'
import type { Messages } from '../i18n/messages.ts'

const MessagesContext: Context<Messages> = createContext(en)

/** The texts of the nearest provider (else English), with `own` on top. */
export function useMessages(own?: Partial<Messages>): Messages {
  const around = useContext(MessagesContext)
  return useMemo(() => (own ? { ...around, ...own } : around), [around, own])
}

/** Gives all components below it their texts: a whole locale, or what differs from the texts around it. */
export function MessagesProvider(props: { messages: Partial<Messages>; children: ReactNode }): ReactNode {
  const messages = useMessages(props.messages)
  return <MessagesContext.Provider value={messages}>{props.children}</MessagesContext.Provider>
}
