import { parseEnvironment } from '../environment/parse.ts';
import { finalizeEnvironment } from '../environment/uploads.ts';

parseEnvironment(finalizeEnvironment, process.env);

export function handler(): never {
  throw new Error('finalize has no handler yet');
}
