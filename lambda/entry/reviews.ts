import { parseEnvironment } from '../environment/parse.ts';
import { reviewsEnvironment } from '../environment/uploads.ts';

parseEnvironment(reviewsEnvironment, process.env);

export function handler(): never {
  throw new Error('reviews has no handler yet');
}
