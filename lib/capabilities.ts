import { bounces } from './capabilities/bounces.ts';
import { links } from './capabilities/links.ts';
import { mail } from './capabilities/mail.ts';
import { pages } from './capabilities/pages.ts';
import { publicForm } from './capabilities/public-form.ts';
import { redemption } from './capabilities/redemption.ts';
import { renewals } from './capabilities/renewals.ts';
import type { AnyCapability } from './capability.ts';
import type { Route } from './route.ts';

/** Lists everything that the machine can do. A new capability is a module of its own, and a line here. */
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
 * Lists every route of the API; nothing else answers. The order does not depend on that of the list above, because API
 * Gateway's deployment is named after its methods in their order: what is open to the public first, then by capability.
 */
export const routes: readonly Route<FunctionName>[] = capabilities
  .toSorted((one, other) => one.name.localeCompare(other.name))
  .flatMap((capability): readonly Route<FunctionName>[] => capability.routes)
  .toSorted((one, other) => Number(one.auth === 'iam') - Number(other.auth === 'iam'));
