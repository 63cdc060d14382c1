// Entra ID as far as a login needs it: on the product's own server, giving out the token that the server takes.
import type { PolledUnderTest } from '../../contract/alert-source.ts';
import type { ProductServer } from './product-server.ts';

const TENANT = '11111111-2222-3333-4444-555555555555';

/** What a source of Azure has of the contract, whatever its API. */
export const azureUnderTest: Pick<PolledUnderTest, 'secure' | 'open'> = {
  secure: true,
  open({ url, method, body }, server) {
    const told = server();
    if (told === undefined) return undefined;
    if (url.pathname.endsWith('/.well-known/openid-configuration'))
      return {
        body: {
          issuer: `${told.url}/${TENANT}/v2.0`,
          token_endpoint: `${told.url}/${TENANT}/oauth2/v2.0/token`,
          authorization_endpoint: `${told.url}/${TENANT}/oauth2/v2.0/authorize`,
          jwks_uri: `${told.url}/${TENANT}/discovery/v2.0/keys`,
        },
      };
    if (url.pathname !== `/${TENANT}/oauth2/v2.0/token`) return undefined;
    const form = new URLSearchParams(body);
    if (method !== 'POST' || form.get('client_secret') !== 'client-secret' || !form.get('scope')?.includes('/.default'))
      return { status: 401, body: { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret provided.' } };
    return { body: { token_type: 'Bearer', expires_in: 3600, access_token: told.token } };
  },
};

/** Settings that lead there. */
export const azureSettingsOf = ({ url, ca }: ProductServer) => ({
  tenantId: TENANT,
  clientId: TENANT,
  clientSecret: { fromEnv: 'SIM_TEST_SECRET' },
  authority: url,
  endpoint: url,
  tls: { ca },
});
