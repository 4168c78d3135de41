/** The public types: what an app writes and reads. Nothing here runs. */

export type * from './api';

export type * from './events';

export type * from './hapi';

export type * from './openapi';

export type * from './options';

export type * from './receivers';

export type * from './routes';

export type * from './status';

export type * from './tokens';
