/* A baseline: the minimum that a function must load to use tables and files (two SDK clients and the presigner). */
import { GetObjectCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { clientSettings } from '../../lambda/adapters/client-settings.ts';
import { s3Settings } from '../../lambda/adapters/s3-file-store.ts';
import { handler as tables } from './tables.ts';

const client = new S3Client({ ...clientSettings, ...s3Settings });
const loaded = [tables, client, GetObjectCommand, HeadObjectCommand, getSignedUrl];

export const handler = () => Promise.resolve({ statusCode: 200, body: String(loaded.length) });
