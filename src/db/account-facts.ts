/** Turns account news into the fact of one number, under an id that the second delivery of the same news has too. */
import { createHash } from 'node:crypto';
import type { Fact, FactEnvelope } from '../domain/facts.ts';
import type { AccountNews } from '../domain/news.ts';

/** 128 bits: far beyond any chance of two alike. */
const DIGEST_CHARACTERS = 32;

/** Stable, short, the same for every number that hears of it. */
export function factIdOf(key: string): string {
  return `meta/${createHash('sha256').update(key).digest('hex').slice(0, DIGEST_CHARACTERS)}`;
}

export interface DatedNews {
  factId: string;
  occurredAtMs: number;
  isUntimed: boolean;
  news: AccountNews;
}

export function envelopeOf({ factId, occurredAtMs, isUntimed, news }: DatedNews, isOnlyNumber: boolean): FactEnvelope {
  return { factId, occurredAtMs, ...(isUntimed ? { isUntimed } : {}), fact: factOf(news, isOnlyNumber) };
}

function factOf(news: AccountNews, isOnlyNumber: boolean): Fact {
  switch (news.kind) {
    case 'partnerAdded':
      return { kind: news.kind, wabaId: news.wabaId };
    case 'partnerRemoved':
      return { ...news, isOnlyNumber };
    case 'accountOffboarded':
    case 'accountReconnected':
      return { kind: news.kind, wabaId: news.wabaId, isOnlyNumber };
    case 'appUninstalled':
    case 'accountDeleted':
    case 'accountBanned':
    case 'accountReviewed':
      return news;
  }
}
