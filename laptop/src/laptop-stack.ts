import type { Clients } from './clients.ts';
import type { Endpoints, ServiceUrls } from './endpoints.ts';

/** What local mode must know about a stack in addition to the template. */
export interface LaptopStack<Output extends string = string> {
  /** Name of the stack. A file with this name marks the data folder, so that no other stack uses it. */
  readonly name: string;
  /** CloudFormation outputs, by their names in the endpoints file. */
  readonly outputs: Readonly<Record<Output, string>>;
  /** Outputs that can be missing from the template, by their names in the endpoints file. */
  readonly optionalOutputs?: Readonly<Record<string, string>>;
  /** The environment variable that contains a function's short name. @default - short names are logical IDs */
  readonly functionNameVariable?: string;
  /** Resource types to ignore, including as targets of rules, each with the reason. */
  readonly ignoredTypes?: Readonly<Record<string, string>>;
  /**
   * Returns the folder of the cloud assembly, such as `cdk.out`. The assembly must have one stack.
   *
   * @param log prints a progress message to the user
   * @throws LaptopError if the stack cannot be synthesized for a reason that the user can fix
   */
  assembly(log: (line: string) => void): string | Promise<string>;
  /**
   * Returns new values for environment variables, such as the API's public URL. They apply only to functions that have
   * the variable in the template.
   */
  environment?(urls: ServiceUrls): Readonly<Record<string, string>>;
  /**
   * Seeds the services with data. Runs at each start with the operator's permissions, before the API serves requests.
   */
  seed?(clients: Clients, endpoints: Endpoints<Output>): Promise<void>;
}
