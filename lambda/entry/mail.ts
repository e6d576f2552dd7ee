import { SESClient } from '@aws-sdk/client-ses';
import { mailSettings } from '../adapters/client-settings.ts';
import { SesMailer } from '../adapters/ses-mailer.ts';
import { DEFAULT_LANGUAGE } from '../domain/language.ts';
import { parseEnvironment } from '../environment.ts';
import { createMailHandler } from '../handlers/mail.ts';
import { editionIn } from '../views/edition.ts';
import { composeMail } from '../views/mail.ts';
import { composeNotice } from '../views/notice.ts';
import { brand } from './brand.ts';
import { documentClient, ledger, signingKeys, systemClock, telemetry, tokenStore } from './systems.ts';

const environment = parseEnvironment('mail', process.env);
const client = documentClient();

export const handler = createMailHandler({
  clock: systemClock,
  keys: await signingKeys(environment),
  store: tokenStore(client, environment),
  mailer: new SesMailer(new SESClient(mailSettings), {
    sender: environment.SENDER_EMAIL,
    configurationSet: environment.CONFIGURATION_SET,
  }),
  ledger: ledger(client, environment),
  telemetry: telemetry(),
  compose: (record, token) =>
    composeMail(
      { record, url: `${environment.PUBLIC_ORIGIN}/redeem?token=${token}`, now: systemClock() },
      editionIn(record.language ?? DEFAULT_LANGUAGE, brand),
    ),
  composeNotice: (receipt) => composeNotice(receipt, editionIn(receipt.language ?? DEFAULT_LANGUAGE, brand)),
});
