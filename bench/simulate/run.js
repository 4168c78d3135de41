'use strict';

// Runs of plans, one after another, in this thread

const Fs = require('fs');
const Path = require('path');

const { Package } = require('./modules');
const { World } = require('./world');


const internals = {};


exports.Runner = class {

    #files;
    #settings;
    #scripts;
    #current = null;

    /** `folder` is the built package. */
    constructor(folder) {

        this.#files = new Package(folder);
        const { pluginSettings } = this.#files.share('options/schema.js');
        this.#settings = pluginSettings({ redis: { host: 'redis', port: 6379 } });
        this.#scripts = internals.scripts(folder, this.#files);
        process.on('unhandledRejection', (error) => {

            if (!this.#current) {
                throw error;
            }

            this.#current.violate('a promise was rejected that nothing waits for', error?.stack);
        });
    }

    async run(plan, options) {

        const world = new World(plan, { files: this.#files, settings: this.#settings, scripts: this.#scripts, ...options });
        this.#current = world;
        try {
            return await world.run();
        }
        finally {
            this.#current = null;
        }
    }

    /** The shortest plan that was found in which the same goes wrong. */
    async shrink(plan, kind, until) {

        const isBad = async (candidate) => (await this.run(candidate)).violations.some((each) => each.kind === kind);
        let best = plan;
        let size = Math.ceil(best.actions.length / 2);
        while (size >= 1) {
            let hasShrunk = false;
            for (let i = 0; i < best.actions.length && performance.now() < until;) {
                const candidate = { ...best, actions: best.actions.toSpliced(i, size) };
                if (await isBad(candidate)) {
                    best = candidate;
                    hasShrunk = true;
                }
                else {
                    i += size;
                }
            }

            if (performance.now() >= until) {
                break;
            }

            size = hasShrunk && size === 1 ? 1 : Math.floor(size / 2);
        }

        return best;
    }
};


/** The names of the package's scripts, by their texts and digests. */
internals.scripts = function (folder, files) {

    const found = Fs.readdirSync(Path.join(folder, 'store')).filter((file) => file.endsWith('scripts.js'));
    const scripts = found.flatMap((file) => Object.entries(files.loader(globalThis, {})(`store/${file}`)));
    return new Map(scripts.flatMap(([name, { lua, sha }]) => [[lua, name], [sha, name]]));
};
