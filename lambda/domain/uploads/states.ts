import { type EpochSeconds, epochSeconds, secondsAfter } from '../ids.ts';
import type { Reason, ScanResult, Step, Upload, UploadState, Version } from './upload.ts';

/*
 * The life of an upload: a table of states and events. An event that is not listed for a state has no effect in it, so
 * events can arrive twice, late, or in any order.
 */

/** Events in an upload's life. {@link eventOf} compares the version of a verdict or check with the pinned version. */
type Event =
  /** S3 has stored an object. */
  | 'arrived'
  /** Finalize found the declared file. The scanner has not judged its version yet. */
  | 'checked'
  /** Finalize found the declared file, and its version is clean. */
  | 'checked-clean'
  /** Finalize found the declared file, and an operator has to judge its version. */
  | 'checked-unclear'
  /** Finalize found a file that does not match its declaration. */
  | 'mismatched'
  /** The scanner found the pinned version clean. */
  | 'clean'
  /** The scanner found a version clean before finalize pinned one. */
  | 'clean-early'
  | 'threats'
  /** The scanner could not judge the version. */
  | 'unclear'
  /** The scanner gave no verdict, despite repeated requests. */
  | 'unanswered'
  /** An operator released the pinned version. */
  | 'released'
  /** An operator rejected the upload. */
  | 'refused'
  /** The session was cancelled or timed out. */
  | 'ended';

/**
 * Next state for each state and event. Without an operator, two events lead to `published`; both need a clean verdict.
 */
export const NEXT: Readonly<Record<UploadState, Partial<Readonly<Record<Event, UploadState>>>>> = {
  created: {
    arrived: 'uploaded',
    checked: 'finalized',
    mismatched: 'rejected',
    'clean-early': 'clean',
    threats: 'rejected',
    unclear: 'parked',
    refused: 'rejected',
    ended: 'expired',
  },
  uploaded: {
    checked: 'finalized',
    mismatched: 'rejected',
    'clean-early': 'clean',
    threats: 'rejected',
    unclear: 'parked',
    refused: 'rejected',
    ended: 'expired',
  },
  clean: {
    checked: 'finalized',
    'checked-clean': 'published',
    mismatched: 'rejected',
    threats: 'rejected',
    refused: 'rejected',
    ended: 'expired',
  },
  finalized: {
    clean: 'published',
    threats: 'rejected',
    unclear: 'parked',
    unanswered: 'parked',
    refused: 'rejected',
    ended: 'expired',
  },
  parked: {
    checked: 'finalized',
    'checked-unclear': 'parked',
    mismatched: 'rejected',
    clean: 'published',
    'clean-early': 'clean',
    threats: 'rejected',
    released: 'published',
    refused: 'rejected',
    ended: 'expired',
  },
  // A later scan may detect threats that an earlier scan could not.
  published: { threats: 'rejected' },
  rejected: {},
  expired: {},
};

export function hasEnded({ state }: Pick<Upload, 'state'>): boolean {
  return state === 'published' || state === 'rejected' || state === 'expired';
}

/** Returns whether an upload in this state has been published, rejected, or parked. */
export function isDecided(state: UploadState): state is 'published' | 'rejected' | 'parked' {
  return state === 'published' || state === 'rejected' || state === 'parked';
}

/** Fact that may change the state of an upload. */
export type Fact =
  | { readonly kind: 'arrived' }
  | {
      readonly kind: 'checked';
      readonly version: Version;
      /** Size and checksum of a file that was sent with a form. A form does not declare them. */
      readonly found?: Pick<Upload, 'size' | 'checksum'>;
    }
  | {
      readonly kind: 'mismatched';
      readonly reason: 'type_mismatch' | 'size_mismatch' | 'checksum_mismatch';
    }
  | { readonly kind: 'verdict'; readonly versionId: string; readonly result: ScanResult }
  | { readonly kind: 'unanswered' }
  | { readonly kind: 'released'; readonly by: string; readonly versionId: string }
  | { readonly kind: 'refused'; readonly by: string }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'timed-out' };

/** How long to wait for the scanner's verdict before requesting another scan, in seconds. */
export const PATIENCE_SECONDS = 15 * 60;

/** Returns the upload as changed by a fact; `undefined` if the fact changes nothing. */
export function after(upload: Upload, fact: Fact, now: Date): Upload | undefined {
  const event = eventOf(upload, fact);
  const state = event === undefined ? undefined : NEXT[upload.state][event];
  if (state === undefined) return undefined;
  const learned = learnedFrom(fact);
  // The same verdict or check was repeated.
  if (state === upload.state && sameFacts(upload, learned)) return undefined;
  const reason = reasonOf(state, upload, fact);
  const { reason: _before, ...rest } = upload;
  const next = {
    ...rest,
    ...learned,
    ...(reason !== undefined && { reason }),
    state,
    step: stepOf(state, fact, reason),
    closed: false,
  };
  return revised(next, now);
}

/** Returns the upload after another scan was requested. */
export function afterAsking(upload: Upload, now: Date): Upload {
  return revised({ ...upload, step: { event: 'asked' }, asked: upload.asked + 1 }, now);
}

/** Returns the upload once its multipart upload has begun. */
export function afterBeginning(upload: Upload, multipartId: string, now: Date): Upload {
  return revised({ ...upload, step: { event: 'begun' }, multipartId }, now);
}

/** Returns an ended upload after it was closed. */
export function afterClosing({ slot: _freed, ...upload }: Upload, now: Date): Upload {
  return revised({ ...upload, step: { event: 'closed' }, closed: true }, now);
}

/**
 * Returns the next revision of an upload. Its time is always later than the previous revision's, because the history is
 * sorted by time and the clocks of two functions differ.
 */
function revised(upload: Upload, now: Date): Upload {
  const changedAt = new Date(Math.max(now.getTime(), upload.changedAt.getTime() + 1));
  const dueAt = dueTime(upload, epochSeconds(changedAt));
  return { ...upload, revision: upload.revision + 1, changedAt, dueAt };
}

/**
 * Returns the event that corresponds to a fact about this upload. A verdict on a version other than the pinned one is
 * ignored: it says nothing about the bytes that would be published.
 */
function eventOf({ version, verdict }: Upload, fact: Fact): Event | undefined {
  switch (fact.kind) {
    case 'checked': {
      // Finalize pins a version only once. A later call finds the same version, or one that must be ignored.
      if (version !== undefined) return undefined;
      if (verdict?.versionId !== fact.version.versionId) return 'checked';
      return verdict.result === 'clean' ? 'checked-clean' : 'checked-unclear';
    }
    case 'verdict': {
      if (version !== undefined && version.versionId !== fact.versionId) return undefined;
      if (fact.result === 'threats') return 'threats';
      if (fact.result !== 'clean') return 'unclear';
      return version === undefined ? 'clean-early' : 'clean';
    }
    case 'released':
      return version?.versionId === fact.versionId ? 'released' : undefined;
    case 'mismatched':
      // If a version is pinned, the mismatch is in a different version.
      return version === undefined ? 'mismatched' : undefined;
    case 'timed-out':
      // An upload with a pinned version was finalized in time, so it no longer waits for its sender.
      return version === undefined ? 'ended' : undefined;
    case 'cancelled':
      return 'ended';
    default:
      return fact.kind;
  }
}

function learnedFrom(fact: Fact): Partial<Pick<Upload, 'version' | 'verdict' | 'size' | 'checksum'>> {
  if (fact.kind === 'checked') return { version: fact.version, ...fact.found };
  if (fact.kind !== 'verdict') return {};
  const { versionId, result } = fact;
  return { verdict: { versionId, result } };
}

function sameFacts(upload: Upload, learned: Pick<Upload, 'version' | 'verdict'>): boolean {
  const { version = upload.version, verdict = upload.verdict } = learned;
  return (
    version?.versionId === upload.version?.versionId &&
    verdict?.versionId === upload.verdict?.versionId &&
    verdict?.result === upload.verdict?.result
  );
}

const REASONS: Readonly<Record<ScanResult, Reason | undefined>> = {
  clean: undefined,
  threats: 'malware',
  unsupported: 'unsupported',
  access_denied: 'access_denied',
  failed: 'scan_failed',
};

function reasonOf(state: UploadState, { reason }: Upload, fact: Fact): Reason | undefined {
  if (state === 'expired') return fact.kind === 'cancelled' ? 'cancelled' : 'timed_out';
  if (state !== 'rejected' && state !== 'parked') return undefined;
  switch (fact.kind) {
    case 'mismatched':
      return fact.reason;
    case 'refused':
      return 'operator';
    case 'unanswered':
      return 'no_verdict';
    case 'verdict':
      return REASONS[fact.result];
    default:
      return reason;
  }
}

function stepOf(state: UploadState, fact: Fact, reason: Reason | undefined): Step {
  return {
    event: eventName(state, fact),
    ...('by' in fact && { by: fact.by }),
    ...(fact.kind === 'checked' && { versionId: fact.version.versionId }),
    ...('versionId' in fact && { versionId: fact.versionId }),
    ...('result' in fact && { result: fact.result }),
    ...(reason !== undefined && { reason }),
  };
}

function eventName(state: UploadState, fact: Fact): Step['event'] {
  if (fact.kind === 'released') return 'released';
  // A parked upload that is finalized stays parked, with its reason.
  if (fact.kind === 'checked' && state === 'parked') return 'finalized';
  if (state === 'clean') return 'verdict';
  return state === 'created' ? 'opened' : state;
}

/** Last second that ISO 8601 can express with a four-digit year. */
const NEVER = Date.UTC(9999, 11, 31, 23, 59, 59) / 1000;

/**
 * Returns when an upload is due. An upload that waits for its sender is due when its session ends. One that waits for
 * the scanner is due when the verdict is late. One that waits for an operator is never due. One that has ended is due
 * at once, to be closed.
 */
function dueTime({ state, version, sessionExpiresAt }: Upload, now: EpochSeconds): EpochSeconds {
  if (hasEnded({ state })) return now;
  if (state === 'finalized') return secondsAfter(now, PATIENCE_SECONDS);
  return version === undefined ? sessionExpiresAt : (NEVER as EpochSeconds);
}
