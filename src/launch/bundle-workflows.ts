/** Bundles the workflows for the language of the Node that runs them: an older target adds its own code to every module. */
import { bundleWorkflowCode, type Logger } from '@temporalio/worker';

/** What Node 20 speaks; the SDK's own choice, es2017, makes the bundle 50 KB larger, in each cached workflow. */
export const BUNDLE_TARGET = 'es2022';

/** The part of webpack's rules that names swc's target. */
interface SwcRule {
  use?: { options?: { jsc?: { target?: string } } };
}

export async function bundleWorkflows(workflowsPath: string, logger?: Logger): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    ...(logger ? { logger } : {}),
    webpackConfigHook: (config) => {
      for (const rule of (config.module?.rules ?? []) as SwcRule[]) {
        const jsc = rule.use?.options?.jsc;
        if (jsc) jsc.target = BUNDLE_TARGET;
      }
      return config;
    },
  });
  return code;
}
