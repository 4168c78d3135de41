import { MemoryStore } from '../../lib/store/memory';


const methods = ['cutoffs', 'revoke', 'create', 'surplus', 'present', 'claims', 'list', 'remove', 'clear', 'stamp'] as const;


/** Notes every question and every write that reaches the store in memory, from `begin()` to `release()`. */
export class StoreWatch {

    readonly calls: string[] = [];
    readonly #originals = methods.map((name) => [name, MemoryStore.prototype[name]] as const);

    begin(): void {

        const { calls } = this;
        calls.length = 0;
        for (const [name, original] of this.#originals) {
            Object.assign(MemoryStore.prototype, {

                [name](...args: unknown[]) {

                    calls.push(name);
                    return Reflect.apply(original, this, args);
                }
            });
        }
    }

    release(): void {

        Object.assign(MemoryStore.prototype, Object.fromEntries(this.#originals));
    }
}
