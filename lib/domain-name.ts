import { z } from 'zod';

/** DNS name of at least two labels (RFC 1123, section 2.1), in its ASCII form. */
export const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i;

export const domain = z
  .string({ error: 'must be a domain such as example.org' })
  .regex(DOMAIN, { error: 'must be a domain such as example.org' })
  .toLowerCase();
