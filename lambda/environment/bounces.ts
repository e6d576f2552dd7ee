import * as z from 'zod/mini';
import { endings, name, tables } from './groups.ts';

export const bouncesEnvironment = z.strictObject({ ...tables, ...endings, PSEUDONYM_KEY_ID: name });
