/**
 * What `server.plugins['hard-logout'].openapi()` returns: options for hapi-swagger.
 *
 * @example
 * const options: OpenApiOptions = server.plugins['hard-logout'].openapi();
 */
export interface OpenApiOptions {
    OAS: 'v3.0';

    /** By the name of the strategy, with `-cookie` for an access token in a cookie, and with `-refresh` for the refresh token. */
    securityDefinitions: Record<string, { type: 'http'; scheme: 'bearer'; bearerFormat: 'JWT' } | { type: 'apiKey'; in: 'query' | 'header' | 'cookie'; name: string; description?: string }>;
}
