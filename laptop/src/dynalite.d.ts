declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Options of dynalite 4: a folder to keep state in (none: memory), and artificial delays in milliseconds. */
  interface Options {
    readonly path?: string;
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }

  /** Makes a DynamoDB server that is not listening yet. */
  export default function dynalite(options?: Options): Server;
}
