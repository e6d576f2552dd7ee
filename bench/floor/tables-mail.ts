/* A yardstick: what a function must load for tables and mail, which is two SDK clients. */
import { SESClient, SendEmailCommand } from '@aws-sdk/client-ses';
import { mailSettings } from '../../lambda/adapters/client-settings.ts';
import { handler as tables } from './tables.ts';

const loaded = [tables, new SESClient(mailSettings), SendEmailCommand];

export const handler = () => Promise.resolve({ statusCode: 200, body: String(loaded.length) });
