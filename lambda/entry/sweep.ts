import { parseEnvironment } from '../environment/parse.ts';
import { sweepEnvironment } from '../environment/uploads.ts';

parseEnvironment(sweepEnvironment, process.env);

export function handler(): never {
  throw new Error('sweep has no handler yet');
}
