import { parseEnvironment } from '../environment/parse.ts';
import { objectsEnvironment } from '../environment/uploads.ts';

parseEnvironment(objectsEnvironment, process.env);

export function handler(): never {
  throw new Error('objects has no handler yet');
}
