import { LaptopError } from '../laptop-error.ts';

/** The values of a template's references, or undefined for unknown references. */
export interface References {
  ref(name: string): unknown;
  attribute(logicalId: string, attribute: string): unknown;
}

/** The value of `AWS::NoValue`, which removes the property that it is assigned to. */
const NO_VALUE = Symbol('AWS::NoValue');

/**
 * Resolves intrinsic functions: `Ref`, `Fn::GetAtt`, `Fn::Join`, `Fn::Sub`, `Fn::Select`, and `Fn::Split`.
 *
 * @param owner the resource with this property, for error messages
 * @throws LaptopError for other functions and for unknown references
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
 */
export function resolveIntrinsics(value: unknown, references: References, owner: string): unknown {
  const resolve = (inner: unknown): unknown => resolveIntrinsics(inner, references, owner);
  if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== NO_VALUE);
  if (typeof value !== 'object' || value === null) return value;

  const entries = Object.entries(value);
  const [name, argument] = entries.length === 1 ? (entries[0] ?? []) : [];
  if (name === 'Ref' || name?.startsWith('Fn::')) {
    const apply = FUNCTIONS[name];
    if (apply === undefined) throw unsupported(owner, name);
    return apply(argument, { resolve, references, owner });
  }
  return Object.fromEntries(
    entries.map(([key, inner]) => [key, resolve(inner)]).filter(([, inner]) => inner !== NO_VALUE),
  );
}

interface Scope {
  readonly resolve: (value: unknown) => unknown;
  readonly references: References;
  readonly owner: string;
}

const FUNCTIONS: Readonly<Record<string, (argument: unknown, scope: Scope) => unknown>> = {
  Ref: (argument, scope) => reference(String(argument), scope),
  'Fn::GetAtt': (argument, scope) => {
    const [logicalId = '', ...rest] =
      typeof argument === 'string' ? argument.split('.') : texts(argument, scope);
    return attribute(logicalId, rest.join('.'), scope);
  },
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = pair(argument, 'Fn::Join', scope);
    return texts(scope.resolve(parts), scope).join(String(separator));
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = pair(argument, 'Fn::Split', scope);
    return String(scope.resolve(text)).split(String(separator));
  },
  'Fn::Select': (argument, scope) => {
    const [index, list] = pair(argument, 'Fn::Select', scope);
    const resolved = scope.resolve(list);
    const chosen = Array.isArray(resolved) ? resolved[Number(scope.resolve(index))] : undefined;
    if (chosen === undefined) throw malformed(scope.owner, 'Fn::Select');
    return chosen;
  },
  'Fn::Sub': (argument, scope) => substitute(argument, scope),
};

function substitute(argument: unknown, scope: Scope): string {
  const [text, given] = typeof argument === 'string' ? [argument, {}] : pair(argument, 'Fn::Sub', scope);
  const variables = new Map(Object.entries(given as object));
  return String(text).replace(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, name: string) => {
    if (literal === '!') return `\${${name}}`;
    if (variables.has(name)) return String(scope.resolve(variables.get(name)));
    const dot = name.indexOf('.');
    return String(
      dot === -1 ? reference(name, scope) : attribute(name.slice(0, dot), name.slice(dot + 1), scope),
    );
  });
}

function reference(name: string, { references, owner }: Scope): unknown {
  if (name === 'AWS::NoValue') return NO_VALUE;
  const found = references.ref(name);
  if (found === undefined) throw unknownReference(owner, name);
  return found;
}

function attribute(logicalId: string, name: string, { references, owner }: Scope): unknown {
  const found = references.attribute(logicalId, name);
  if (found === undefined) throw unknownReference(owner, `${logicalId}.${name}`);
  return found;
}

function pair(argument: unknown, name: string, { owner }: Scope): readonly [unknown, unknown] {
  if (!Array.isArray(argument) || argument.length !== 2) throw malformed(owner, name);
  return [argument[0], argument[1]];
}

function texts(value: unknown, { owner }: Scope): readonly string[] {
  if (!Array.isArray(value)) throw malformed(owner, 'a list');
  return value.map(String);
}

const unsupported = (owner: string, name: string): LaptopError =>
  new LaptopError(`The template's resource ${owner} uses ${name}, which local mode does not support.`);

const malformed = (owner: string, name: string): LaptopError =>
  new LaptopError(`The template's resource ${owner} has a malformed ${name}.`);

const unknownReference = (owner: string, name: string): LaptopError =>
  new LaptopError(`The template's resource ${owner} refers to ${name}, which does not exist in local mode.`);
