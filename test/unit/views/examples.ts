import { fileNameOf } from '../../../lambda/domain/asset-name.ts';
import type { MailableRecord } from '../../../lambda/domain/deliver-mail.ts';
import type { PresenceCode, Pseudonym, Token } from '../../../lambda/domain/ids.ts';
import { LANGUAGES } from '../../../lambda/domain/language.ts';
import type { FileStanding, PresentedFile } from '../../../lambda/domain/present-collection.ts';
import type { Asset, TokenRecord } from '../../../lambda/domain/records.ts';
import type { Brand } from '../../../lambda/views/brand.ts';
import { checkInboxPage } from '../../../lambda/views/check-inbox-page.ts';
import { type CollectionView, collectionPage } from '../../../lambda/views/collection-page.ts';
import { confirmPage } from '../../../lambda/views/confirm-page.ts';
import { defaultTheme, type LocalizedTheme, localizedTheme } from '../../../lambda/views/localized-theme.ts';
import { problemPage } from '../../../lambda/views/problem-page.ts';
import { reportedPage } from '../../../lambda/views/reported-page.ts';
import { requestPage } from '../../../lambda/views/request-page.ts';
import type { UploadView } from '../../../lambda/views/upload-page.ts';
import { refusals } from '../../support/refusals.ts';
import { assetName, email, keyEpoch, secondsAt, tokenId } from '../../support/values.ts';

/* Examples of everything that the views show. */

export const origin = 'https://files.example.org/v1';
export const token = 'tvm_AQFDalt6kQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g';
export const limits = { addressPerHour: 5, cooldownSeconds: 60, sourcePerHour: 60 };
export const expiry = secondsAt('2026-11-23T18:05:42Z');
/** A few seconds after the example link was issued. It lives for fifteen minutes. */
export const now = new Date('2026-11-23T17:50:45Z');
export const sha256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

/** A name that is almost as long as a file name can be, with no place to break the line. */
const longestName = `${'x'.repeat(990)}.pdf`;

/** Returns the record of a form link to a file with this name. */
export function recordOf(name: string, asset: Partial<Asset> = {}): MailableRecord {
  const checked = assetName(name);
  return {
    tokenId: tokenId('0123456789abcdef0123456789abcdef'),
    asset: {
      name: checked,
      key: `gated/${name}`,
      versionId: 'version-1',
      fileName: fileNameOf(checked),
      type: 'application/pdf',
      size: 1_234_567,
      sha256,
      ...asset,
    },
    issuedBy: 'public',
    issuedAt: secondsAt('2026-11-23T17:50:42Z'),
    keyEpoch: keyEpoch(322),
    expiresAt: expiry,
    open: 'confirm',
    delivery: 'redirect',
    recipient: { address: email('ada@example.org'), pseudonym: 'pseudonym-of-ada' as Pseudonym },
  };
}

/** A brand with every setting. */
export const brand: Brand = {
  name: 'Norddeutsche Werkzeugmaschinen',
  accent: '#ffb000',
  logo: `data:image/svg+xml;base64,${Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><circle cx="20" cy="20" r="18" fill="#1d3557"/><path d="M11 28V12l18 16V12" fill="none" stroke="#ffb000" stroke-width="4"/></svg>',
  ).toString('base64')}`,
  supportAddress: 'support@example.org',
  imprint: 'https://www.example.org/imprint',
};

/** Every language, with and without a brand. */
export const themes: readonly (readonly [string, LocalizedTheme])[] = LANGUAGES.flatMap((language) => [
  [language, localizedTheme(language, {})] as const,
  [`${language}, branded`, localizedTheme(language, brand)] as const,
]);

/** Returns the name and the markup of every page in a theme. Pages that show a file show `longestName`. */
export function everyPageIn(theme: LocalizedTheme): readonly (readonly [string, string])[] {
  const longest = assetName(longestName);
  const requesting = { origin, lifetimeMinutes: 15, limits };
  const confirming = { origin, record: recordOf(longestName), token, downloadSeconds: 30, now };
  const asking = { ...confirming.record, presenceCode: true } as const;
  return [
    ['request', requestPage(requesting, theme)],
    ['request for a file', requestPage({ ...requesting, asset: longest }, theme)],
    ['check inbox', checkInboxPage({ origin, lifetimeMinutes: 15, asset: longest }, theme)],
    [
      'check inbox with a code',
      checkInboxPage({ origin, lifetimeMinutes: 15, presenceCode: '012345' as PresenceCode }, theme),
    ],
    ['confirm', confirmPage(confirming, theme)],
    ['confirm with a code', confirmPage({ ...confirming, record: asking }, theme)],
    [
      'confirm with a wrong code',
      confirmPage(
        { ...confirming, record: asking, codeProblem: { code: 'wrong_code', attemptsLeft: 4 } },
        theme,
      ),
    ],
    [
      'confirm a stream',
      confirmPage({ ...confirming, record: { ...confirming.record, delivery: 'stream' } }, theme),
    ],
    ['collection', collectionPage(collectionView('live', longestName), theme)],
    ['collection without live files', collectionPage(collectionView('revoked', longestName), theme)],
    [
      'confirm a zip',
      confirmPage(
        {
          ...confirming,
          record: {
            ...confirming.record,
            delivery: 'zip',
            contents: ['a.pdf', 'b/a.pdf'].map((name) => recordOf(name).asset),
          },
        },
        theme,
      ),
    ],
    ['reported', reportedPage({ origin }, theme)],
    ...Object.values(refusals).flatMap((refusal): [string, string][] => [
      [`problem ${refusal.code}`, problemPage({ origin, refusal }, theme)],
      [`problem ${refusal.code} with a token`, problemPage({ origin, refusal, token }, theme)],
    ]),
  ];
}

/** Returns the content of a collection's page. The first file is live or revoked, and the others have ended. */
export function collectionView(first: 'live' | 'revoked', fileName: string): CollectionView {
  const record = {
    ...recordOf('2026/report.pdf'),
    issuedBy: 'arn:aws:iam::123456789012:role/orders',
  } as const;
  const at = secondsAt('2026-11-23T17:40:00Z');
  const file = ({ asset, tokenId }: TokenRecord, standing: FileStanding): PresentedFile => ({
    tokenId,
    asset,
    standing,
  });
  const live = { state: 'live', token: token as Token } as const;
  const files = [
    file(recordOf(fileName), first === 'live' ? live : { state: first, at }),
    file(recordOf('budget.xlsx', { type: 'text/csv', size: 20_480 }), { state: 'redeemed', at }),
    file(recordOf('minutes.txt', { type: 'text/plain', size: 999 }), { state: 'gone' }),
  ];
  return { origin, record: { ...record, files }, files, address: collectionAddress, downloadSeconds: 30 };
}

export const collectionAddress = `${origin}/collection?token=${token.replace('tvm_', 'tvc_')}`;

/** Returns the content of an upload link's page. */
export function uploadView(state: UploadView['state'], fileName: string): UploadView {
  const file = { fileName, size: 1_234_567 };
  const files = [
    { ...file, state: 'published' },
    { ...file, state: 'rejected', reason: 'malware' },
  ] as const;
  const terms = { purpose: 'Annual report 2026', mostFiles: 5, mostBytes: 1e9 };
  const types = ['application/pdf', 'image/png', 'image/jpeg'];
  return { origin, token, state, files, ...terms, types, expiresAt: expiry, now };
}

/** Every page in English, without a brand. */
export const everyPage = everyPageIn(defaultTheme);
