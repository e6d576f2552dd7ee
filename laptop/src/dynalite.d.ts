declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** Options of dynalite 4: the folder for its state (in memory by default), and artificial delays in milliseconds. */
  interface Options {
    readonly path?: string;
    readonly createTableMs?: number;
    readonly deleteTableMs?: number;
    readonly updateTableMs?: number;
  }

  /** Creates a DynamoDB server that is not listening yet. */
  export default function dynalite(options?: Options): Server;
}
