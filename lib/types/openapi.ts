/** What `server.plugins['hard-logout'].openapi()` returns: options for hapi-swagger. */
export interface OpenApiOptions {
    OAS: 'v3.0';

    /** By the name of the strategy, with `-cookie` for an access token in a cookie, and with `-refresh` for the refresh token. */
    securityDefinitions: Record<string, OpenApiScheme>;
}


/** A security scheme of OpenAPI 3.0. */
export type OpenApiScheme = OpenApiBearer | OpenApiKey;


export interface OpenApiBearer {
    type: 'http';
    scheme: 'bearer';
    bearerFormat: 'JWT';
}


export interface OpenApiKey {
    type: 'apiKey';
    in: 'query' | 'header' | 'cookie';
    name: string;
    description?: string;
}


/** A response of OpenAPI 3.0, as hapi-swagger takes it. */
export interface OpenApiResponse {
    description: string;
    schema?: object;
    headers?: Record<string, object>;
}
