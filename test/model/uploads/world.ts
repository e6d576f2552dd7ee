import type { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Repetition } from '../../../lambda/domain/idempotency.ts';
import type { UploadId } from '../../../lambda/domain/ids.ts';
import type { Message } from '../../../lambda/domain/uploads/judge-upload.ts';
import type { SignedRequest } from '../../../lambda/domain/uploads/ports.ts';
import type { Checksum, Upload } from '../../../lambda/domain/uploads/upload.ts';
import type { Row } from '../../support/dynamo/expression-reader.ts';
import { MemoryTables } from '../../support/dynamo/memory-tables.ts';
import { MemoryQuarantine, type S3Response, type StoredVersion } from '../../support/memory-quarantine.ts';
import { MemoryUploadHistory } from '../../support/memory-upload-history.ts';
import type { SampleFile } from '../../support/sample-files.ts';
import type { Invoked } from '../actor.ts';
import type { Choices } from '../choices.ts';
import type { Profile } from '../profiles.ts';
import { SimulatedQueue } from '../simulated-queue.ts';
import { Stage } from '../stage.ts';
import { type Rule, Violation } from '../violation.ts';

export const SESSION_SECONDS = 3600;

export type UploadOperation =
  | 'open'
  | 'sign'
  | 'finalize'
  | 'cancel'
  | 'download'
  | 'judge'
  | 'sweep'
  | 'review';

/** An invocation of a function that handles uploads. */
export interface UploadActor extends Invoked {
  readonly operation: UploadOperation;
}

/** A session as its client knows it, with every request that was signed for it. */
export interface Session {
  readonly name: string;
  readonly file: SampleFile;
  readonly kind: Checksum['kind'];
  readonly repetition?: Repetition;
  uploadId?: UploadId;
  readonly requests: SignedRequest[];
}

/** An upload as it is stored. */
export type UploadRow = Omit<Upload, 'changedAt'> & { readonly changedAt: string };

/** An in-memory deployment of uploads, the bucket, the scanner, and everything that happens to them in one schedule. */
export class UploadWorld extends Stage<UploadActor> {
  readonly tables = new MemoryTables({ uploads: 'uploadId' });
  readonly history = new MemoryUploadHistory();
  readonly quarantine: MemoryQuarantine;
  readonly queue = new SimulatedQueue<Message>();
  /** The versions that the scanner has not judged yet. */
  readonly scans: Pick<StoredVersion, 'uploadId' | 'versionId'>[] = [];
  readonly sessions: Session[] = [];
  /** The requests that S3 is still receiving. Calling one completes it. */
  readonly slow: (() => S3Response)[] = [];
  /** The published version of each upload, even if it was rejected later. */
  readonly published = new Map<UploadId, string>();
  #violation: Violation | undefined;

  constructor(choices: Choices, profile: Profile, beginning: Date) {
    super(choices, profile, beginning);
    this.quarantine = new MemoryQuarantine(this.time.read);
    this.quarantine.onArrival = ({ uploadId, versionId }) => {
      this.scans.push({ uploadId, versionId });
      this.queue.put({ kind: 'arrived', uploadId, versionId });
    };
  }

  get violation(): Violation | undefined {
    return this.#violation;
  }

  /** Records a violation of a rule. Only the first violation is kept. */
  violate(rule: Rule, detail: string): void {
    this.#violation ??= new Violation(rule, detail);
  }

  begin(operation: UploadOperation, about: string): UploadActor {
    return this.enter(operation, about, (invoked) => ({ ...invoked, operation }));
  }

  get rows(): readonly UploadRow[] {
    return [...this.tables.rows('uploads').values()] as unknown as UploadRow[];
  }

  rowOf(uploadId: UploadId | undefined): UploadRow | undefined {
    return this.rows.find((row) => row.uploadId === uploadId);
  }

  /** Returns the name of an upload's session in traces. */
  nameOf(uploadId: UploadId): string {
    return this.sessions.find((session) => session.uploadId === uploadId)?.name ?? 'an unknown upload';
  }

  /** Runs a query on the index whose key is `pile`. */
  query({ input }: QueryCommand): object {
    const { ':pile': pile, ':until': until } = input.ExpressionAttributeValues ?? {};
    const due = [...this.tables.rows('uploads').values()].filter(
      (row) => row.pile === pile && (row.dueAt as number) <= (until as number),
    );
    const items: Row[] = due.toSorted((one, other) => (one.dueAt as number) - (other.dueAt as number));
    return { Items: structuredClone(items.slice(0, input.Limit)) };
  }
}
