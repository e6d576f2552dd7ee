import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Runs work that fills a cache, in one test process at a time, so that the other processes find the cache filled. The
 * process whose turn it is holds a socket, because the operating system closes the socket if the process dies.
 */
export async function inTurn<T>(name: string, work: () => Promise<T>): Promise<T> {
  const path = join(tmpdir(), `${name}.sock`);
  const turn = createServer();
  try {
    await once(turn.listen(path), 'listening');
  } catch (error) {
    // Turns only save time. If the folder cannot hold a socket, for example because its path is too long, go on without one.
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') return work();
    await turnOfAnother(path);
    return inTurn(name, work);
  }
  const waiting: Socket[] = [];
  turn.on('connection', (socket) => waiting.push(socket));
  try {
    return await work();
  } finally {
    turn.close();
    for (const socket of waiting) socket.destroy();
  }
}

/** Waits until another process has ended its turn. */
async function turnOfAnother(path: string): Promise<void> {
  const socket = connect(path);
  socket.once('error', ({ code }: NodeJS.ErrnoException) => {
    // The process died, and left its socket file behind.
    if (code === 'ECONNREFUSED') rmSync(path, { force: true });
  });
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}
