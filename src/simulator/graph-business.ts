/** The Graph call on a business portfolio, which needs its own permission. */
import { BUSINESS_FIELDS_BY_DEFAULT, businessNodeOf } from './account-node.ts';
import { businessOf } from './accounts.ts';
import { checkAssetAccess, checkBusinessToken, checkScope } from './graph-access.ts';
import { answerGraphCall } from './graph-call.ts';
import type { Exchange } from './graph-call.ts';
import { objectMissing } from './graph-errors.ts';
import { accessTokenOf, fieldsOf, parametersOf, pickFields } from './graph-request.ts';
import { NodePath } from './graph-waba.ts';
import type { LocalMeta } from './local-meta.ts';

export function readBusiness(meta: LocalMeta, exchange: Exchange) {
  const { id: businessId } = NodePath.parse(exchange.request.params);
  const parameters = parametersOf(exchange.request);
  return answerGraphCall(meta, exchange, {
    call: 'readBusiness',
    subject: businessId,
    digits: null,
    wabaId: null,
    apply: (state) => {
      const accessToken = accessTokenOf(exchange.request, parameters);
      const token = checkBusinessToken(meta, { accessToken, proof: parameters.get('appsecret_proof') ?? null });
      checkScope(token, 'business_management');
      checkAssetAccess(token, businessId);
      const business = businessOf(state, businessId);
      if (business === null) throw objectMissing(businessId);
      return pickFields(businessNodeOf(business), fieldsOf(parameters) ?? BUSINESS_FIELDS_BY_DEFAULT);
    },
  });
}
