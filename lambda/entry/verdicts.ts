import { parseEnvironment } from '../environment/parse.ts';
import { verdictsEnvironment } from '../environment/uploads.ts';

parseEnvironment(verdictsEnvironment, process.env);

export function handler(): never {
  throw new Error('verdicts has no handler yet');
}
