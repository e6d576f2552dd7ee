import { SESClient } from '@aws-sdk/client-ses';
import { mailSettings } from '../adapters/client-settings.ts';
import { SesMailer } from '../adapters/ses-mailer.ts';
import { DEFAULT_LANGUAGE } from '../domain/language.ts';
import { mailEnvironment } from '../environment/mail.ts';
import { parseEnvironment } from '../environment/parse.ts';
import { createMailHandler } from '../handlers/mail.ts';
import { isAllowedRecipient } from '../http/allowed-recipient.ts';
import { linkAddress } from '../http/link-view.ts';
import { uploadAddress } from '../views/addresses.ts';
import { composeLetter } from '../views/link-letter.ts';
import { localizedTheme } from '../views/localized-theme.ts';
import { composeMail } from '../views/mail.ts';
import { composeNotice } from '../views/notice.ts';
import { brand } from './brand.ts';
import { optionalLinkTables } from './link-systems.ts';
import { programLimits } from './quota-limits.ts';
import { documentClient, ledger, quota, signingKeys, systemClock, telemetry, tokenStore } from './systems.ts';

const environment = parseEnvironment(mailEnvironment, process.env);
const client = documentClient();
const history = ledger(client, environment);
const measured = telemetry();
const tables = optionalLinkTables(client, environment);

export const handler = createMailHandler({
  clock: systemClock,
  keys: await signingKeys(environment),
  store: tokenStore(client, environment),
  mailer: new SesMailer(new SESClient(mailSettings), {
    sender: environment.SENDER_EMAIL,
    configurationSet: environment.CONFIGURATION_SET,
  }),
  ledger: history,
  history,
  quota: quota(client, environment, measured),
  limits: programLimits(environment),
  isAllowedRecipient: (address) => isAllowedRecipient(address, environment.ALLOWED_RECIPIENTS),
  telemetry: measured,
  compose: (record, token, kind) =>
    composeMail(
      { record, kind, url: linkAddress(environment.PUBLIC_ORIGIN, record, token), now: systemClock() },
      localizedTheme(record.language ?? DEFAULT_LANGUAGE, brand),
    ),
  composeNotice: (notice) =>
    composeNotice(notice, localizedTheme(notice.language ?? DEFAULT_LANGUAGE, brand)),
  uploadLinks: tables && {
    ...tables,
    composeLetter: (letter) =>
      composeLetter(
        letter,
        (token) => uploadAddress(environment.PUBLIC_ORIGIN, token),
        localizedTheme(letter.link.language, brand),
      ),
  },
});
