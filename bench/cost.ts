import { LEDGER_INDEXES } from '../lib/constructs/token-store.ts';
import { bundleNamed, type Deployment } from './bundles.ts';
import { invokeFresh } from './fresh-process.ts';
import { type Bill, idleMonth, money, sum } from './idle-month.ts';
import { PRICES, TRACED_SHARE } from './prices.ts';
import type { Report } from './report.ts';
import type { Call, Services } from './services.ts';

const MILLION = 1_000_000;

/** The functions that issue, mail, show, and redeem the link of one download. */
const PATH = ['mint', 'mail', 'pages', 'redeem'];
const API_REQUESTS = 3;

/** Size of the line that API Gateway logs per request, in bytes. */
const ACCESS_LOG_BYTES = 400;

const WARM = { warmUp: 20, warm: 20 };

interface Units {
  readonly reads: number;
  readonly writes: number;
}

/**
 * Estimates, from list prices, what form downloads and a month without requests cost, and compares our redemption with
 * two other designs. Functions are warm and wait a few milliseconds for each call (services.ts).
 */
export async function estimateCost({ bundles, resources }: Deployment, services: Services): Promise<Report> {
  const uses = [];
  for (const name of PATH) {
    const bundle = bundleNamed(bundles, name);
    services.calls.length = 0;
    const { warmMs, logBytes } = await invokeFresh(bundle, services, WARM);
    // Rounding down drops the few extra calls of the cold start.
    const callsPerResponse = Math.floor(services.calls.length / (1 + WARM.warmUp + WARM.warm));
    const calls = services.calls.slice(services.calls.length - callsPerResponse);
    uses.push({ name, warmMs, logBytes, memoryMb: bundle.memoryMb, calls });
  }
  const calls = uses.flatMap((use) => use.calls);
  const count = (...operations: readonly string[]) =>
    calls.filter(({ operation }) => operations.includes(operation)).length;
  const all = unitsOf(calls);
  const redemption = unitsOf(uses.find(({ name }) => name === 'redeem')?.calls ?? []);
  const download: Bill = {
    Mail: count('SendEmail') * PRICES.mail,
    'API Gateway': API_REQUESTS * PRICES.apiRequest,
    Lambda: sum(
      uses.map(
        ({ memoryMb, warmMs }) =>
          PRICES.invocation + (memoryMb / 1024) * (Math.ceil(warmMs) / 1000) * PRICES.armGigabyteSecond,
      ),
    ),
    DynamoDB: dollars(all),
    KMS: count('GenerateMac') * PRICES.kmsRequest,
    // Each message takes three requests: send, receive, and delete.
    SQS: 3 * count('SendMessage') * PRICES.sqsRequest,
    // The download itself is one more GET.
    S3: (count('HEAD', 'GET') + 1) * PRICES.s3Read,
    'Logs and traces':
      (sum(uses.map(({ logBytes }) => logBytes)) + API_REQUESTS * ACCESS_LOG_BYTES) * PRICES.logByte +
      API_REQUESTS * TRACED_SHARE * PRICES.trace,
  };
  const month = idleMonth(resources);
  const designs = redemptionDesigns(redemption);
  return {
    name: 'cost',
    tables: [
      {
        caption: `A million downloads through the form, with warm functions. Transferring the files is not included, and costs $${(PRICES.transferByte * 1e9).toFixed(2)} a GB.`,
        ...billTable('million downloads', scaled(download)),
      },
      { caption: 'A month without requests.', ...billTable('idle month', month) },
      {
        caption: 'The cost of the tables for a million redemptions, in three designs.',
        head: ['design', 'read units', 'write units', 'tables', 'share of a whole download'],
        rows: designs.map(({ name, units }) => [
          name,
          String(units.reads),
          String(units.writes),
          money(dollars(units) * MILLION),
          `${((100 * dollars(units)) / sum(Object.values(download))).toFixed(1)}%`,
        ]),
      },
    ],
    charts: [
      billChart('cost', 'A million downloads', scaled(download)),
      billChart('idle', 'An idle month', month),
    ],
    data: {
      perMillion: scaled(download),
      idleMonth: month,
      designs: designs.map(({ name, units }) => ({ name, ...units, perMillion: dollars(units) * MILLION })),
      uses: uses.map(({ calls: made, ...use }) => ({
        ...use,
        calls: made.map(({ operation }) => operation),
      })),
    },
  };
}

/**
 * Returns the reads and writes of a redemption in our design and in two others. One reads the record and then deletes
 * it, which lets two redemptions of one token succeed and keeps no history. The other uses one transaction to put the
 * receipt, delete the record, and write the ledger entry, at two units per write.
 */
function redemptionDesigns(ours: Units) {
  const indexWrites = ours.writes - 3;
  return [
    { name: 'one conditional put decides (ours)', units: ours },
    { name: 'read, then delete', units: { reads: 1, writes: 1 } },
    { name: 'one transaction', units: { reads: ours.reads, writes: 2 * 3 + indexWrites } },
  ];
}

/** Counts request units. Every row is smaller than 1 KB. Each index that contains a row adds one unit per write. */
function unitsOf(calls: readonly Call[]): Units {
  const reads = { BatchGetItem: 2, GetItem: 1, Query: 1 } as const;
  const writes = ['PutItem', 'UpdateItem', 'DeleteItem'];
  return {
    reads: sum(calls.map(({ operation }) => reads[operation as keyof typeof reads] ?? 0)),
    writes: sum(
      calls.filter(({ operation }) => writes.includes(operation)).map(({ body }) => 1 + indexesOf(body)),
    ),
  };
}

function indexesOf({ Item = {} }: { readonly Item?: unknown }): number {
  const row = Item as Readonly<Record<string, unknown>>;
  return row.timeEvent === undefined
    ? 0
    : LEDGER_INDEXES.filter(({ attribute }) => row[attribute] !== undefined).length;
}

function dollars({ reads, writes }: Units): number {
  return reads * PRICES.readUnit + writes * PRICES.writeUnit;
}

function billTable(unit: string, bill: Bill) {
  const total: readonly [string, number] = ['**Sum**', sum(Object.values(bill))];
  return {
    head: ['component', `dollars per ${unit}`],
    rows: [...Object.entries(bill), total].map(([name, amount]) => [name, money(amount)]),
  };
}

function billChart(name: string, title: string, bill: Bill) {
  const bars = Object.entries(bill).map(([label, amount]) => ({ label, parts: [amount] }));
  return { name, title: `${title}, by component`, unit: 'dollars', legend: ['dollars'], bars };
}

function scaled(bill: Bill): Bill {
  return Object.fromEntries(Object.entries(bill).map(([name, amount]) => [name, amount * MILLION]));
}
