import type { Refs, StrategyApi } from 'hapi-auth-hard-logout';


type User = Refs<{ name: string }, { agent: string }>;


declare module '@hapi/hapi' {

    // Of each request, in each handler

    interface ReqRefDefaults {
        AuthUser: User['AuthUser'];
        AuthApp: User['AuthApp'];
        AuthCredentialsExtra: User['AuthCredentialsExtra'];
        AuthArtifactsExtra: User['AuthArtifactsExtra'];
    }

    // Of server.auth.api[name], where every strategy is one of hard-logout

    interface ServerAuthSchemeObjectApi extends StrategyApi {}
}
