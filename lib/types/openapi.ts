/**
 * What `server.plugins['hard-logout'].openapi()` returns: options for hapi-swagger.
 *
 * @example
 * const options: OpenApiOptions = server.plugins['hard-logout'].openapi();
 */
export interface OpenApiOptions {
    OAS: 'v3.0';

    /** By the name of the strategy, with `-cookie` for an access token in a cookie, and with `-refresh` for the refresh token. */
    securityDefinitions: Record<string, OpenApiScheme>;
}


/**
 * A security scheme of OpenAPI 3.0.
 *
 * @example
 * const schemes: OpenApiScheme[] = Object.values(server.plugins['hard-logout'].openapi().securityDefinitions);
 */
export type OpenApiScheme = OpenApiBearer | OpenApiKey;


/**
 * An access token in the `Authorization` header.
 *
 * @example
 * const bearer: OpenApiBearer = { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' };
 */
export interface OpenApiBearer {
    type: 'http';
    scheme: 'bearer';
    bearerFormat: 'JWT';
}


/**
 * A token in another place.
 *
 * @example
 * const refreshToken: OpenApiKey = { type: 'apiKey', in: 'cookie', name: '__Host-refresh' };
 */
export interface OpenApiKey {
    type: 'apiKey';
    in: 'query' | 'header' | 'cookie';
    name: string;
    description?: string;
}


/**
 * A response of OpenAPI 3.0, as hapi-swagger takes it.
 *
 * @example
 * const response: OpenApiResponse = { description: 'The user has too many sessions' };
 */
export interface OpenApiResponse {
    description: string;
    schema?: object;
    headers?: Record<string, object>;
}
