/* A baseline: the minimum that a function must load to use tables and mail (two SDK clients). */
import { SESClient, SendEmailCommand } from '@aws-sdk/client-ses';
import { mailSettings } from '../../lambda/adapters/client-settings.ts';
import { handler as tables } from './tables.ts';

const loaded = [tables, new SESClient(mailSettings), SendEmailCommand];

export const handler = () => Promise.resolve({ statusCode: 200, body: String(loaded.length) });
