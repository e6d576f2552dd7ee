import * as z from 'zod/mini';
import { requesting, secondChances, signing } from './groups.ts';

export const renewalsEnvironment = z.strictObject({ ...requesting, ...signing, ...secondChances });
