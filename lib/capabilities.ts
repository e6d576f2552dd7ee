import { bounces } from './capabilities/bounces.ts';
import { links } from './capabilities/links.ts';
import { mail } from './capabilities/mail.ts';
import { pages } from './capabilities/pages.ts';
import { publicForm } from './capabilities/public-form.ts';
import { redemption } from './capabilities/redemption.ts';
import { renewals } from './capabilities/renewals.ts';
import type { AnyCapability } from './capability.ts';
import type { Route } from './route.ts';

/** Lists everything that the machine can do. A new capability is a new module and one line here. */
export const capabilities = [
  publicForm,
  mail,
  pages,
  redemption,
  links,
  renewals,
  bounces,
] as const satisfies readonly AnyCapability[];

type NamesIn<Some> = Some extends { readonly functions: infer Functions } ? keyof Functions & string : never;

export type FunctionName = NamesIn<(typeof capabilities)[number]>;

export const functionNames = capabilities.flatMap(
  ({ functions }) => Object.keys(functions) as FunctionName[],
);

/**
 * Lists every route of the API. Nothing else answers. The CDK hashes the routes, in order, into the logical id of the
 * API's deployment. They are sorted here, public ones first and then by capability, so that reordering the list above
 * does not replace the deployment.
 */
export const routes: readonly Route<FunctionName>[] = capabilities
  .toSorted((one, other) => one.name.localeCompare(other.name))
  .flatMap((capability): readonly Route<FunctionName>[] => capability.routes)
  .toSorted((one, other) => Number(one.auth === 'iam') - Number(other.auth === 'iam'));
