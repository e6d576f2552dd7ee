import { parseEnvironment } from '../environment/parse.ts';
import { uploadsEnvironment } from '../environment/uploads.ts';

parseEnvironment(uploadsEnvironment, process.env);

export function handler(): never {
  throw new Error('uploads has no handler yet');
}
