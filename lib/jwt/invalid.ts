import { errors } from 'jose';


const sentences: Record<string, string> = {
    ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'its signature is not right',
    ERR_JOSE_ALG_NOT_ALLOWED: 'its algorithm is not one that the strategy accepts',
    ERR_JWKS_NO_MATCHING_KEY: 'no key fits it',
    ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'several keys fit it'
};


/** Why a token does not verify, for an operator: never a word of the token itself. */
export const whyInvalid = function (error: errors.JOSEError): string {

    return error instanceof errors.JWTClaimValidationFailed ?
        `its claim ${error.claim} is not as the strategy wants it` :
        sentences[error.code] ?? 'it is no JWT that can be read';
};
