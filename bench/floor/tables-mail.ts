/* What a function has to load to reach its tables and send mail: two clients of the SDK. It is a yardstick only. */
import { SESClient, SendEmailCommand } from '@aws-sdk/client-ses';
import { mailSettings } from '../../lambda/adapters/client-settings.ts';
import { handler as tables } from './tables.ts';

const loaded = [tables, new SESClient(mailSettings), SendEmailCommand];

export const handler = () => Promise.resolve({ statusCode: 200, body: String(loaded.length) });
