import type { Link, News } from '../store/contract';


/** What is done on a connection, in this order. */
export interface Member {

    /** A new connection begins: nothing that was clean counts any more. */
    begin(): void;

    /** The news are subscribed: takes in the whole blacklist before anything is trusted. */
    load(link: Link): Promise<void>;

    news(news: News, link: Link): void;
    acknowledged(id: string, sequence: number): void;

    /** Under a lease, with each heartbeat: how many revocations the blacklist holds. */
    beaten(size: number, link: Link): void;

    /** The connection is gone. */
    ended(error: Error): void;
}
