import { execFileSync } from 'node:child_process';
import { describe, expect, test } from '@jest/globals';
import { replaceBlock } from '../../../docs/build/marked-block.ts';
import { generatedFiles } from '../../../docs/build/pages.ts';
import type { Incident } from '../../../lambda/domain/ports.ts';
import { deployedWith, routes } from '../../../lib/capabilities.ts';
import { optionNames } from '../../../lib/config.ts';
import { readConfig } from '../../../lib/read-config.ts';
import { resource, resourcesOf, SENDER, type Template, templateOf } from '../../infra/template.ts';
import { anchorsOf, read, section, tables } from './markdown.ts';

const page = read('docs/operations.md');
/** The template with every alarm and key, and with every output that the manual names. */
const template: Template = templateOf({
  senderDomain: 'example.org',
  createIdentity: true,
  alarmEmail: SENDER,
  events: true,
});
const alarms = resourcesOf(template, 'AWS::CloudWatch::Alarm');

describe('the generated parts of the documentation', () => {
  test.each(Object.entries(generatedFiles))('are up to date in %s (if not: npm run docs)', (path, update) => {
    expect(update(read(path))).toBe(read(path));
  });

  test('list every option', () => {
    const [options = []] = tables(section(page, '## Deploy'));
    expect(options.map(([name]) => name)).toEqual(optionNames.map((name) => `\`${name}\``));
  });

  test('replace only the text between their markers, and throw if a page has no markers', () => {
    const marked = (text: string) => `before\n<!-- begin x -->\n${text}<!-- end x -->\nafter\n`;
    expect(replaceBlock(marked('old\n'), 'x', 'new')).toBe(marked('new\n'));
    expect(() => replaceBlock('before\nafter\n', 'x', 'new')).toThrow('"x"');
  });
});

describe('the manual', () => {
  test('has a section for each alarm, and no others', () => {
    const described = [...section(page, '## Alarms').matchAll(/^### (\w+Alarm)$/gm)].map(([, id]) => id);
    // An alarm with a number shares the section of the alarm without one.
    const headings = new Set(alarms.map(([logicalId]) => logicalId.replace(/\d+$/, '')));
    expect(described.toSorted()).toEqual([...headings].toSorted());
  });

  test('has the section that each alarm links to', () => {
    const places = [...JSON.stringify(template).matchAll(/operations\.md#([\w-]+)/g)].map(
      ([, to = '']) => to,
    );
    expect(places.length).toBeGreaterThanOrEqual(alarms.length);
    expect(places.filter((anchor) => !anchorsOf(page).includes(anchor))).toEqual([]);
  });

  test('explains every incident', () => {
    const incidents: Readonly<Record<Incident['incident'], true>> = {
      'ledger-write-failed': true,
      'retire-failed': true,
      'mail-contradicted': true,
      'quota-return-failed': true,
      'notice-failed': true,
      'plan-mark-failed': true,
      'report-failed': true,
      'second-chance-failed': true,
      'expiry-unknown': true,
      'change-unreadable': true,
    };
    const [rows = []] = tables(section(page, '### IncidentAlarm'));
    expect(rows.map(([name]) => name).toSorted()).toEqual(
      Object.keys(incidents)
        .map((name) => `\`${name}\``)
        .toSorted(),
    );
  });

  test('names the limits that make the API return 503 without a fault', () => {
    const errors = section(page, '### ServerErrorAlarm');
    for (const limit of ['FormMailLimitAlarm', 'ProgramMailLimitAlarm', 'streamConcurrency']) {
      expect(errors).toContain(limit);
    }
  });

  test('explains for every key what it protects, who may use it, and what its loss means', () => {
    const [keys = []] = tables(section(page, '## Keys'));
    expect(keys).toHaveLength(resourcesOf(template, 'AWS::KMS::Key').length);
    for (const row of keys) expect(row.filter((cell) => cell !== '')).toHaveLength(4);
  });

  test('names every important output, and only outputs that the stack has', () => {
    const named = [...page.matchAll(/\$\(output (\w+)\)|`(\w+(?:FunctionName|QueueUrl))`/g)].map(
      ([, read = '', said = read]) => said,
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter((name) => !(name in template.Outputs))).toEqual([]);
    for (const inWords of [
      'SenderToVerify',
      'DkimRecord1',
      'DkimRecord3',
      'DataKeyId',
      'SigningKeyId',
      'PseudonymKeyId',
    ]) {
      expect(page).toContain(`\`${inWords}\``);
    }
  });

  test('sets only existing options, as do README.md and docs/embedding.md', () => {
    const pages = [page, read('docs/embedding.md'), read('README.md')].join('\n');
    const named = [...pages.matchAll(/-c ([a-z]\w*)=/g)].map(([, name]) => name);
    expect(named.filter((name) => !(optionNames as readonly (string | undefined)[]).includes(name))).toEqual(
      [],
    );
  });

  // CloudFormation publishes the API before it deletes the routes that an option no longer needs.
  test('names the options with routes, and how to publish the API once they are turned off', () => {
    const oidc = { oidcIssuer: 'https://login.example.org', oidcAudience: 'a', oidcTenantClaim: 'c' };
    const on = [
      ...Object.entries({ uploads: 'on', collections: 'on', watermarks: 'on', proofOfWork: 'auto' }),
      ...Object.entries({ secondChance: 'on', presenceCode: 'on', events: true, delivery: 'redirect' }),
    ].map(([option, value]) => [option, { uploads: 'off', [option]: value }] as const);
    const off = section(page, '### Turn an option off');
    expect(off).toContain('create-deployment --rest-api-id "$(output RestApiId)" --stage-name v1');
    const count = (options: Readonly<Record<string, unknown>>) =>
      deployedWith(readConfig(options)).routes.length;
    const withRoutes = on.filter(([, options]) => count(options) > count({ uploads: 'off' }));
    expect(count(oidc)).toBeGreaterThan(count({}));
    expect([...withRoutes.map(([option]) => option), 'oidcIssuer'].map((option) => `\`${option}\``)).toEqual(
      [...off.matchAll(/`[a-z]\w+`/gi)].map(([option]) => option),
    );
  });

  test('gives the logical ID of the role that outlives the stack', () => {
    expect(template.Resources).toHaveProperty('ApiLogRole');
    expect(page).toContain('$STACK-ApiLogRole');
  });
});

describe('the section on restoring tables in the manual', () => {
  const restoring = section(page, '## Restore');
  const [, ...blocks] = restoring.split(/^ *```sh\n/m).map((part) => part.slice(0, part.indexOf('```')));

  test('restores to a time before the loss, because the rows are missing at the latest restorable time, too', () => {
    expect(restoring).toContain('--restore-date-time');
    expect(restoring).not.toContain('--use-latest-restorable-time');
  });

  test('says that events of the copied rows are published again', () => {
    expect(restoring).toContain('published again');
  });

  test('copies rows and turns redemption back on only after the restore, however long it takes', () => {
    // `aws dynamodb wait` gives up after eight minutes, so the fake fails twice.
    const fakes = `
      exec 3>&1
      output() { echo "$1"; }
      jq() { cat; }
      aws() {
        echo "$1 $2" >&3
        case "$2" in
          wait) [ $((waits += 1)) -gt 2 ] ;;
          scan) echo '{}' ;;
        esac
      }
    `;
    const calls = execFileSync('bash', ['-c', [fakes, ...blocks].join('\n')], { encoding: 'utf8' });
    expect(calls.trim().split('\n')).toEqual([
      'lambda put-function-concurrency',
      'lambda put-function-concurrency',
      'dynamodb restore-table-to-point-in-time',
      'dynamodb wait',
      'dynamodb wait',
      'dynamodb wait',
      'dynamodb describe-table',
      'dynamodb scan',
      'dynamodb put-item',
      'lambda delete-function-concurrency',
      'lambda delete-function-concurrency',
      'dynamodb delete-table',
    ]);
  });

  // A condition on an attribute that the table does not have always holds.
  test.each([
    'ReceiptTable',
    'LedgerTable',
    'TokenTable',
    'UploadTable',
    'UploadHistoryTable',
    'UploadLinkTable',
  ])('never overwrites a row of %s, whatever its key is', (logicalId) => {
    const { KeySchema } = resource(template, logicalId).Properties as {
      readonly KeySchema: readonly { readonly AttributeName: string; readonly KeyType: string }[];
    };
    const key = KeySchema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '';
    const fakes = `
        exec 3>&1
        TABLE=${logicalId}
        aws() {
          case "$2" in
            describe-table) [[ "$*" == *"--table-name $TABLE "*HASH* ]] && echo ${key} ;;
            scan) echo '[{}]' ;;
            put-item) shift 2; echo "$@" >&3 ;;
          esac
        }
        jq() { echo '{}'; }
      `;
    const copying = blocks.find((block) => block.includes('put-item')) ?? '';
    const put = execFileSync('bash', ['-c', [fakes, copying].join('\n')], { encoding: 'utf8' });
    expect(put.trim()).toBe(
      `--table-name ${logicalId} --item {} --condition-expression attribute_not_exists(${key})`,
    );
  });
});

describe('the section on floods in the manual', () => {
  const floods = section(page, '## Floods');
  // The sum does not include routes that an option adds.
  const throttled = deployedWith(readConfig({}))
    .routes.filter(({ auth }) => auth === 'none')
    .map(({ throttle }) => throttle.rate);
  const perSecond = throttled.reduce((sum, rate) => sum + rate, 0);

  test('computes costs from the throttles of public routes and the stated prices', () => {
    const perDay = perSecond * 86_400;
    expect(floods).toContain(
      `let ${perSecond} requests a second through, ${Math.round(perDay / 1e6)} million a day`,
    );
    const [costs = []] = tables(floods);
    for (const [what = '', price = '', aDay = ''] of costs.slice(0, 2)) {
      const [, perMillion = ''] = /^\$([\d.]+) for a million/.exec(price) ?? [];
      expect([what, aDay]).toEqual([what, `$${Math.round((Number(perMillion) * perDay) / 1e6)}`]);
    }
  });

  const [, block = ''] = /```json\n([\s\S]*?)```/.exec(floods) ?? [];
  const webAcl = JSON.parse(block) as {
    readonly DataProtectionConfig: {
      readonly DataProtections: readonly {
        readonly Field: { readonly FieldType: string; readonly FieldKeys?: readonly string[] };
        readonly Action: string;
      }[];
    };
    readonly CustomResponseBodies: Readonly<Record<string, { readonly Content: string }>>;
  };

  test('includes a web ACL that samples no requests and redacts everything that can hold a token', () => {
    const sampling = [...block.matchAll(/"SampledRequestsEnabled": (\w+)/g)].map(([, on]) => on);
    expect(sampling).toEqual(['false', 'false']);
    expect([...block.matchAll(/"VisibilityConfig"/g)]).toHaveLength(sampling.length);
    const { DataProtections } = webAcl.DataProtectionConfig;
    const kept = DataProtections.filter(({ Action }) => Action !== 'SUBSTITUTION');
    expect(kept).toEqual([]);
    expect(DataProtections.map(({ Field }) => Field.FieldType)).toEqual([
      'QUERY_STRING',
      'BODY',
      'SINGLE_HEADER',
    ]);
  });

  test('includes a web ACL that counts requests to public routes and leaves signed ones to IAM', () => {
    const [, exempt = '-'] = /"RegexString": "([^"]+)"/.exec(block) ?? [];
    for (const { path, auth } of routes) {
      for (const seen of [path, `/v1${path}`]) {
        expect({ seen, exempt: new RegExp(exempt).test(seen) }).toEqual({ seen, exempt: auth === 'iam' });
      }
    }
  });

  test('includes a web ACL that sends the same response body as a throttled route', () => {
    const contents = Object.values(webAcl.CustomResponseBodies).map(
      ({ Content }) => JSON.parse(Content) as unknown,
    );
    const [own] = resourcesOf(template, 'AWS::ApiGateway::GatewayResponse')
      .filter(([, { Properties }]) => Properties.ResponseType === 'THROTTLED')
      .map(([, { Properties }]) => Properties.ResponseTemplates as Readonly<Record<string, string>>);
    expect(contents).toEqual([JSON.parse(own?.['application/json'] ?? '')]);
  });
});

test('the architecture diagram shows the most important permissions of each role', () => {
  const drawn = /<desc id="desc">(.*)<\/desc>/.exec(read('docs/architecture.svg'))?.[1] ?? '';
  expect(drawn).toMatch(
    /mint, invoked by anyone through POST \/token[^.]*may change or send token table, [^.]*\./,
  );
  expect(drawn).toMatch(
    /pages, [^.]*may change or send nothing, and read or use signing key, token table, receipt table\./,
  );
  expect(drawn).not.toMatch(/mint,[^.]*signing key|mail, invoked[^.]*file bucket|redeem,[^.]*SES/);
});
