/*
 * The first module of a worker. Once the compile cache is on, Node loads the runtime from it with the types already
 * stripped, which saves each worker 30 ms of processor time.
 */
import { enableCompileCache } from 'node:module';
import { workerData } from 'node:worker_threads';

if (workerData.compileCache !== undefined) enableCompileCache(workerData.compileCache);
await import('./runtime.ts');
