import { text } from 'node:stream/consumers';
import { SESClient } from '@aws-sdk/client-ses';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mailSettings } from '../../lambda/adapters/client-settings.ts';
import { SesMailer } from '../../lambda/adapters/ses-mailer.ts';
import { Unavailable } from '../../lambda/domain/errors.ts';
import type { Mail } from '../../lambda/domain/ports.ts';
import { startLoopbackServer } from '../../laptop/src/loopback-server.ts';
import { LocalServices } from '../../laptop/test/support/local-services.ts';
import { type Decide, startFaultProxy } from '../support/fault-proxy.ts';
import { email, tokenId } from '../support/values.ts';

const services = new LocalServices();
beforeAll(() => services.start());
afterAll(() => services.remove());

const TOKEN_ID = tokenId('ab'.repeat(16));

const MAIL: Mail = {
  to: email('ada@xn--bcher-kva.example'),
  subject: 'Ihre Datei: Übersicht.pdf',
  text: 'Grüße',
  html: '<p>Grüße</p>',
};

async function send(endpoint: string) {
  const client = new SESClient({
    ...mailSettings,
    endpoint,
    region: 'us-east-1',
    credentials: services.operator,
  });
  try {
    const options = { sender: 'files@example.org', configurationSet: 'links' };
    return await new SesMailer(client, options).send(MAIL, { kind: 'link', tokenId: TOKEN_ID });
  } finally {
    client.destroy();
  }
}

async function sendThrough(decide: Decide) {
  const proxy = await startFaultProxy(services.urlOf('ses'), decide);
  try {
    return await send(proxy.url);
  } finally {
    await proxy.close();
  }
}

/** Fails every call with this error, in the query protocol of SES. */
function refusal(status: number, code: string, message = 'no'): Decide {
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  return () => ({ fate: 'answer', status, body });
}

describe('the mailer', () => {
  test('tags the e-mail with the token ID, so that a bounce names the token', async () => {
    const bodies: string[] = [];
    const ses = await startLoopbackServer({ port: 0 }, async (request, response) => {
      bodies.push(await text(request));
      response.end('<SendEmailResponse><SendEmailResult/></SendEmailResponse>');
    });
    try {
      await send(ses.url);
    } finally {
      await ses.close();
    }
    const form = new URLSearchParams(bodies[0]);
    expect([form.get('Tags.member.1.Name'), form.get('Tags.member.1.Value')]).toEqual(['tokenId', TOKEN_ID]);
    expect(form.get('ConfigurationSetName')).toBe('links');
  });

  test('sends text and HTML from the sender to the one recipient', async () => {
    expect(await send(services.urlOf('ses'))).toEqual({ ok: true, value: undefined });
    const { emails } = (await (await fetch(`${services.urlOf('ses')}/store`)).json()) as { emails: object[] };
    expect(emails.at(-1)).toMatchObject({
      from: 'files@example.org',
      destination: { to: [MAIL.to] },
      subject: MAIL.subject,
      body: { text: MAIL.text, html: MAIL.html },
    });
  });

  test.each(['MessageRejected', 'InvalidParameterValue'])('treats %s as permanent', async (code) => {
    expect(await sendThrough(refusal(400, code))).toEqual({ ok: false, error: { reason: code } });
  });

  test('leaves the e-mail in the queue while the sender is not verified', async () => {
    const message =
      'Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: files@example.org';
    await expect(sendThrough(refusal(400, 'MessageRejected', message))).rejects.toMatchObject({
      name: 'MessageRejected',
    });
  });

  test.each([
    'Sending paused for this account. For more information, please check the inbox of the email address associated with your AWS account.',
    'Sending suspended for this account. For more information, please check the inbox of the email address associated with your AWS account.',
    'Account is paused',
  ])('leaves the e-mail in the queue while SES has paused the account: %s', async (message) => {
    await expect(sendThrough(refusal(400, 'MessageRejected', message))).rejects.toMatchObject({
      name: 'MessageRejected',
    });
  });

  test('treats an error as permanent if only the recipient’s address mentions a paused account', async () => {
    const message =
      'Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: account.paused@example.net';
    expect(await sendThrough(refusal(400, 'MessageRejected', message))).toMatchObject({ ok: false });
  });

  test('treats an unverified recipient in the sandbox as permanent', async () => {
    const message =
      'Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: ada@example.net';
    expect(await sendThrough(refusal(400, 'MessageRejected', message))).toMatchObject({ ok: false });
  });

  test('makes only one attempt even if the response is lost, because the queue retries', async () => {
    let calls = 0;
    const lost = sendThrough(() => {
      calls += 1;
      return { fate: 'lose-response' };
    });
    await expect(lost).rejects.toBeInstanceOf(Unavailable);
    expect(calls).toBe(1);
  });

  test.each<[string, Decide]>([
    ['throttling', refusal(400, 'Throttling', 'Maximum sending rate exceeded.')],
    ['over its daily quota', refusal(400, 'Throttling', 'Daily message quota exceeded.')],
    ['throttling, with the newer error name', refusal(400, 'ThrottlingException')],
    ['failing', refusal(500, 'InternalFailure')],
    ['down', () => ({ fate: 'lose-request' })],
  ])('throws Unavailable when SES is %s, so that the queue retries', async (_name, decide) => {
    await expect(sendThrough(decide)).rejects.toBeInstanceOf(Unavailable);
  });

  test.each([
    'AccountSendingPausedException',
    'ConfigurationSetSendingPausedException',
    'ConfigurationSetDoesNotExist',
    'MailFromDomainNotVerifiedException',
    'AccessDenied',
  ])('leaves the e-mail in the queue after %s, an error that the operator can fix', async (code) => {
    await expect(sendThrough(refusal(400, code))).rejects.toMatchObject({
      name: expect.stringContaining(code),
    });
  });
});
