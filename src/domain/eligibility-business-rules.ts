/** Rules about the business, its portfolio at Meta and its consent. They answer P08 to P18 and P25. */
import {
  eligibilityRule as rule,
  META_FLOW_ERRORS,
  PARTNERS,
  THE_GUIDE,
  type EligibilityRule,
  type FactRuleId,
} from './eligibility-rule.ts';

const OURS = 'ours';

const FACT_WORDS: Record<FactRuleId, string> = {
  'legal-name': 'legal name',
  address: 'physical address',
  website: 'website',
  phone: 'business phone',
};

function factRule(id: FactRuleId): EligibilityRule {
  return rule({
    id,
    source: THE_GUIDE,
    weight: 'doubt',
    test: { kind: 'fact' },
    question: `What is the ${FACT_WORDS[id]} of the business, as its papers show it?`,
    met: `The ${FACT_WORDS[id]} is stated.`,
    unmet: `The ${FACT_WORDS[id]} is not stated; Meta needs it when it verifies the business.`,
    remedy: [`Enter the ${FACT_WORDS[id]} here and in Meta Business settings, written alike.`],
  });
}

/** P11: beside being stated it is looked up, where that is allowed. */
function websiteRule(): EligibilityRule {
  const stated = factRule('website');
  const reached = 'See that it opens in a browser without a password, from anywhere; then check again.';
  return { ...stated, version: 2, remedy: [...stated.remedy, reached] };
}

export const BUSINESS_RULES: readonly EligibilityRule[] = [
  rule({
    id: 'portfolio-owned',
    source: META_FLOW_ERRORS,
    test: { kind: 'plain', wants: 'yes' },
    question: 'Does the business own its portfolio at Meta (Business Manager), and not an agency?',
    met: 'The business owns its portfolio.',
    unmet: 'The portfolio must belong to the business that sends.',
    remedy: ['Create a portfolio of the business itself, or have it handed over in Meta Business settings.'],
    refusals: ['NUMBER_IN_OTHER_BUSINESS'],
  }),
  rule({
    id: 'portfolio-admin',
    source: `${META_FLOW_ERRORS}; ${THE_GUIDE}`,
    test: { kind: 'plain', wants: 'yes' },
    question: 'Is the person who will connect an admin of that portfolio?',
    met: 'An admin of the portfolio will connect.',
    unmet: 'Only an admin of the portfolio can create or share a WhatsApp account.',
    remedy: ['Ask an admin of the portfolio to connect, or to give you the admin role first.'],
    refusals: ['ACCOUNT_NOT_SHAREABLE'],
  }),
  factRule('legal-name'),
  factRule('address'),
  websiteRule(),
  factRule('phone'),
  rule({
    id: 'manager-belongs',
    source: THE_GUIDE,
    test: { kind: 'plain', wants: 'yes' },
    question: 'Does the person who will connect belong to the business, or act by its authority?',
    met: 'The person who will connect is authorised by the business.',
    unmet: 'Somebody without authority would connect: Meta may suspend such an account.',
    remedy: ['Let somebody connect who belongs to the business that sends.'],
  }),
  rule({
    id: 'business-verified',
    source: THE_GUIDE,
    weight: 'soft',
    test: { kind: 'plain', wants: 'yes' },
    question: 'Has Meta verified the business?',
    met: 'Meta has verified the business.',
    unmet: 'The business is not verified yet; limits stay low until it is.',
    remedy: ['Start the verification in Meta Business settings > Security centre; it need not be over to connect.'],
  }),
  rule({
    id: 'names-right',
    source: THE_GUIDE,
    weight: 'doubt',
    test: { kind: 'names' },
    question: 'Which name shows the app, which name shows the manager, and are both right?',
    met: 'Both names were confirmed: "{inApp}" in the app, "{inManager}" in the manager.',
    unmet: 'The names are not confirmed: "{inApp}" in the app, "{inManager}" in the manager.',
    remedy: ['Correct the name where it is wrong, in the app and in the manager, then confirm both.'],
  }),
  rule({
    id: 'name-final',
    source: THE_GUIDE,
    weight: 'soft',
    test: { kind: 'confirmation' },
    question: 'I have checked the name of the business: it cannot be changed once the number is connected.',
    met: 'It was confirmed that the name is final.',
    unmet: 'Nobody has confirmed that the name is final; it cannot be changed once the number is connected.',
    remedy: ['Check the name, and confirm the sentence with the name of the person who confirms it.'],
  }),
  rule({
    id: 'payment-method',
    source: PARTNERS,
    weight: 'doubt',
    test: { kind: 'plain', wants: 'no' },
    question: "Does the WhatsApp account run on a previous provider's credit line or payment method?",
    met: 'No foreign credit line or payment method is in the way.',
    unmet: "A previous provider's credit line or payment method can block the change.",
    remedy: [
      'Ask the previous provider to take its credit line off the account.',
      'Or: back up, disconnect in the app, register in the app again, and begin anew.',
    ],
  }),
  rule({
    id: 'marketing-product',
    source: META_FLOW_ERRORS,
    test: { kind: 'plain', wants: 'no' },
    question: "Is the WhatsApp account enrolled in Meta's marketing messages product?",
    met: 'The account is not enrolled in the marketing messages product.',
    unmet: 'Accounts in the marketing messages product cannot be connected in this way.',
    remedy: ['Choose another WhatsApp account in the dialog.'],
    refusals: ['MARKETING_PRODUCT_ENROLLED'],
  }),
  rule({
    id: 'disclosure',
    source: OURS,
    test: { kind: 'disclosure' },
    question: 'Do you accept the permissions that Meta will ask for, and what changes in the app?',
    met: 'The permissions and the changes were accepted (version {version}).',
    unmet: 'The permissions and the changes in the app were not accepted (version {version}).',
    remedy: ['Read the disclosure in its present version, and accept it with the name of the person who does.'],
  }),
];
