/** What the rest of a service may hold of the database: a connection and a session, to hand on to stores. */
export type { ClientSession, Connection, mongo } from 'mongoose'
