/** The bundle's entry: the workflows that a worker serves. */
export { numberLifecycle } from './number-lifecycle.ts';
