import { ownIssuer } from '../blacklist/identities';
import { fail } from '../request/routes';

import type { EndpointOptions } from '../types';
import type { Endpoint, HandlerKind } from './contract';


/** Authorization server metadata (RFC 8414 §2) with the server's endpoints for a strategy. */
export const metadata: HandlerKind<EndpointOptions> = {

    method: 'get',

    create({ url, strategy: name }, { route, strategy, endpoints }) {

        const { jwt } = strategy.settings;
        const issuer = ownIssuer(jwt.issuer);
        if (!/^https?:/.test(issuer) || !URL.canParse(issuer)) {
            return fail(route, 'needs a strategy whose jwt.issuer is a URL');
        }

        const base = (url ?? new URL(issuer).origin).replace(/\/$/, '');

        return () => {

            const found = new Map(endpoints().filter((each) => each.strategy === name).map((each) => [each.endpoint, each]));
            const [token, revocation, introspection] = [found.get('token'), found.get('revocation'), found.get('introspection')];

            return {
                issuer,
                ...jwt.key instanceof URL && { jwks_uri: jwt.key.href },
                response_types_supported: [],
                grant_types_supported: token ? ['refresh_token'] : [],
                ...token && { token_endpoint: base + token.route.path, ...methodsOf('token', token) },
                ...revocation && { revocation_endpoint: base + revocation.route.path, ...methodsOf('revocation', revocation) },
                ...introspection && { introspection_endpoint: base + introspection.route.path }
            };
        };
    }
};


// Public clients do not authenticate. For others the standard's default is HTTP Basic

const methodsOf = function (name: string, { route }: Endpoint): Record<string, string[]> {

    return route.settings.auth ? {} : { [`${name}_endpoint_auth_methods_supported`]: ['none'] };
};
