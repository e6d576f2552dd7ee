import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

export interface LogFile {
  write(text: string | Uint8Array): void;
  close(): Promise<void>;
}

/** Opens a new log, and renames the log of the previous start to `….previous.log`. */
export function openLogFile(path: string): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path)) renameSync(path, path.replace(/\.log$/, '.previous.log'));
  const stream = createWriteStream(path, { mode: 0o600 });
  return {
    write: (text) => {
      if (!stream.writableEnded) stream.write(text);
    },
    close: () => new Promise((resolve) => stream.end(resolve)),
  };
}
