/** The owner's browser in a story: the dialog gives a code and a result, each sent as it comes, in either order. */
import type { Answer, Backend } from './backend.ts';
import type { Actor, Scene } from './story-scene.ts';
import type { StepOf } from './story-file.ts';

type FinishSignup = StepOf<'finish-signup'>;
type Send = () => Promise<Answer>;

export async function finishSignup(
  { stage, player }: Scene,
  step: FinishSignup,
  { backend, numberId }: Actor,
): Promise<string | null> {
  const { state } = await backend.openDialog(numberId);
  if (step.takes !== undefined) await stage.advance(step.takes);
  const { code, message } = await stage.meta.finishSignup(player.digits, dialogOf(step));
  if ((code === null) !== (step.isWithoutCode ?? false)) {
    return `the dialog gave ${code === null ? 'no' : 'a'} code: ${JSON.stringify(message)}`;
  }
  const parts = partsOf(backend, { state, code, message });
  for (const [place, send] of (step.first === 'result' ? parts : parts.toReversed()).entries()) {
    if (place > 0 && step.between !== undefined) await stage.advance(step.between);
    const problem = await hand(send, step);
    if (problem !== null) return problem;
  }
  return null;
}

/** The result first; what never reached the page is not sent. */
function partsOf(backend: Backend, end: { state: string; code: string | null; message: unknown }): Send[] {
  const { state, code, message } = end;
  const result: Send[] = message === null ? [] : [() => backend.sendResult(state, message)];
  return code === null ? result : [...result, () => backend.sendCode(state, code)];
}

function dialogOf({ dialog = {}, partnerAddedDelayMs }: FinishSignup): Record<string, unknown> {
  return partnerAddedDelayMs === undefined ? dialog : { ...dialog, partnerAddedDelayMs };
}

async function hand(send: Send, { copies = 1, mayBeRefused = [] }: FinishSignup): Promise<string | null> {
  for (let copy = 0; copy < copies; copy += 1) {
    const { status, body } = await send();
    if (status !== 202 && !mayBeRefused.includes(codeOf(body))) {
      return `a part of the signup was answered ${status}: ${JSON.stringify(body)}`;
    }
  }
  return null;
}

function codeOf(body: unknown): string {
  return typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : '';
}
