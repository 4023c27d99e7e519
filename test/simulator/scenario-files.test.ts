/** The scenario files: each is understood, names only phones of its own, and is accepted by the local Meta word for word. */
import { describe, expect, it } from 'vitest';
import { readStory, scenarioNames } from '../../src/launch/story-file.ts';
import type { StepOf, Story, StoryStep } from '../../src/launch/story-file.ts';
import { AccountAction } from '../../src/simulator/account-actions.ts';
import { DialogRun } from '../../src/simulator/dialog-run.ts';
import { CALL_NAMES, CallFault, WebhookFault } from '../../src/simulator/fault-state.ts';
import { PhoneAction } from '../../src/simulator/phone-actions.ts';
import { NewPhone } from '../../src/simulator/phones.ts';

const DIGITS = '15550100123';
/** The numbers of the list of scenarios that connecting and syncing touch. */
const WANTED = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 24, 25, 26, 27, 30, 31];

function stepsOf<Name extends StoryStep['do']>(story: Story, name: Name) {
  return story.steps.filter((step): step is StepOf<Name> => step.do === name);
}

it('every scenario of connecting and syncing has a file, and no file another number', () => {
  const numbers = scenarioNames().map((name) => Number(name.slice(0, 2)));
  expect([...new Set(numbers)]).toEqual(WANTED);
});

describe.each([...scenarioNames(), 'first-life', 'new-phone', 'failed-return'])('the file %s', (name) => {
  const story = readStory(name);

  it('makes phones, dialogs, acts and faults that the local Meta understands', () => {
    for (const phone of [story.phone, ...(story.others ?? []).map((other) => other.phone)]) {
      NewPhone.parse({ digits: DIGITS, ...phone });
    }
    const dialogs = stepsOf(story, 'finish-signup').map(({ dialog }) => dialog);
    for (const dialog of [...dialogs, ...(story.others ?? []).map((other) => other.dialog)]) {
      DialogRun.parse({ digits: DIGITS, ...dialog });
    }
    for (const { act } of stepsOf(story, 'phone')) PhoneAction.parse(act);
    for (const { act } of stepsOf(story, 'account')) AccountAction.parse(act);
    for (const { fault } of stepsOf(story, 'call-fault')) CallFault.parse(fault);
    for (const { fault } of stepsOf(story, 'webhook-fault')) WebhookFault.parse(fault);
  });

  it('counts calls that there are, and expects an end', () => {
    const { acceptedOnce, asked = {}, neverCalled, number } = story.end;
    const calls = [...Object.keys(acceptedOnce), ...Object.keys(asked), ...neverCalled];
    const faulty = stepsOf(story, 'call-fault').map(({ call }) => call);
    expect(CALL_NAMES).toEqual(expect.arrayContaining([...calls, ...faulty]));
    expect(Object.keys(number).length).toBeGreaterThan(0);
  });

  it('has one invitation for each number that it expects something of', () => {
    const tenants = stepsOf(story, 'invite').map(({ tenant = '' }) => tenant);
    expect(tenants).toEqual(story.end.second === undefined ? [''] : ['', 'second']);
  });
});
