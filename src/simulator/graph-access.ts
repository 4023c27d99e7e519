/** Meta's checks before a call is looked at: token, then appsecret_proof, then access to the asset. */
import {
  objectMissing,
  permissionMissing,
  proofMissing,
  proofWrong,
  tokenInvalid,
  tokenMissing,
} from './graph-errors.ts';
import { nowMsOf } from './local-meta.ts';
import type { LocalMeta } from './local-meta.ts';
import { appSecretProofOf, isSameText } from './signatures.ts';
import type { IssuedToken } from './account-state.ts';

export interface Presented {
  readonly accessToken: string | null;
  readonly proof: string | null;
}

/** `{app_id}|{app_secret}`. It holds the secret itself, so a proof is verified when sent and not demanded. */
export function checkAppToken(meta: LocalMeta, presented: Presented): void {
  const { appId, appSecret } = meta.options;
  if (presented.accessToken === null) throw tokenMissing();
  if (!isSameText(presented.accessToken, `${appId}|${appSecret}`)) throw tokenInvalid();
  if (presented.proof !== null) checkProof(meta, presented.accessToken, presented.proof);
}

export function checkBusinessToken(meta: LocalMeta, presented: Presented): IssuedToken {
  const { accessToken, proof } = presented;
  if (accessToken === null) throw tokenMissing();
  const issued = meta.store.state.tokens.find((row) => row.token === accessToken);
  if (issued === undefined) throw tokenInvalid();
  const invalidSubcode = invalidSubcodeOf(issued, nowMsOf(meta));
  if (invalidSubcode !== null) throw tokenInvalid(invalidSubcode);
  if (proof === null) throw proofMissing();
  checkProof(meta, accessToken, proof);
  return issued;
}

/** Why Meta does not take the token any more: 458 the app was removed, 463 it expired; null while it is good. */
export function invalidSubcodeOf(issued: IssuedToken, nowMs: number): number | null {
  if (issued.invalidSubcode !== null) return issued.invalidSubcode;
  if (issued.expiresAtMs !== null && issued.expiresAtMs <= nowMs) return 463;
  return null;
}

/** An account for which the token was given, by whatever scope. */
export function isGranted(issued: IssuedToken, assetId: string): boolean {
  return issued.grant.scopes.some(({ targetIds }) => targetIds.includes(assetId));
}

/** Source: Meta, "Error codes": a permission that was not given is code 200. */
export function checkScope(issued: IssuedToken, scope: string): void {
  if (!issued.grant.scopes.some((given) => given.scope === scope)) throw permissionMissing(scope);
}

/** An asset that was not granted, or is gone, reads like one that never was. */
export function checkAssetAccess(issued: IssuedToken, assetId: string): void {
  if (!isGranted(issued, assetId)) throw objectMissing(assetId);
}

function checkProof(meta: LocalMeta, accessToken: string, proof: string): void {
  if (!isSameText(proof, appSecretProofOf(accessToken, meta.options.appSecret))) throw proofWrong();
}
