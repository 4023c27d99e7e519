import { describe, expect, it } from 'vitest';
import { isFromDialog } from '../../src/meta/dialog-origin.ts';

describe('a window message', () => {
  it.each(['https://www.facebook.com', 'https://facebook.com', 'https://business.facebook.com'])(
    'from %s is of the dialog',
    (origin) => {
      expect(isFromDialog({ origin, isTrusted: true })).toBe(true);
    },
  );

  it('case 1: that the browser does not trust is not, wherever it says to come from', () => {
    expect(isFromDialog({ origin: 'https://www.facebook.com', isTrusted: false })).toBe(false);
  });

  it.each([
    'https://evilfacebook.com',
    'https://facebook.com.evil.example',
    'https://www.facebook.com.evil.example',
    'https://evil.example/facebook.com',
    'https://evil.example#.facebook.com',
    'https://facebook.com@evil.example',
    'https://www.facebook.com:8443',
    'http://www.facebook.com',
    'null',
    '',
  ])('case 2, mistake 8: from %s is not, though it may end in the right letters', (origin) => {
    expect(isFromDialog({ origin, isTrusted: true })).toBe(false);
  });
});
