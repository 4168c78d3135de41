'use strict';

const { Lua } = require('./lua');
const { Owner } = require('./scheduler');
const { Redis } = require('./redis');


/** The machine at the address of Redis: one server after another. */
exports.Host = class extends Owner {

    isUp = true;
    redis;

    /** By how much (ms) its wall clock is off, and since when it has gone at which rate. */
    #offset = 0;
    #world;

    constructor(world, random) {

        super(world.scheduler);
        this.#world = world;
        this.redis = new Redis({ random, wall: () => this.wall(), lua: new Lua(world.plan.spacing) });
    }

    wall() {

        return this.#world.epoch + this.#world.scheduler.now + this.#offset;
    }

    jump(by) {

        this.#offset += by;
    }

    received(connection, piece) {

        for (const command of piece) {
            if (!this.isUp || connection.isGone) {
                return;
            }

            if (command === null) {
                this.gone(connection);
                connection.reply(null);
                return;
            }

            this.#execute(connection, command);
        }
    }

    /** The server has noticed the end of a connection. */
    gone(connection) {

        connection.isGone = true;
        this.redis.forget(connection);
    }

    /** Ends the server and its connections. `data` is what the next one begins with. */
    replace(data, downtime, { isSilent = false, isLosing = true } = {}) {

        this.isUp = false;
        this.#world.log(() => `redis: goes down for ${Math.round(downtime)} ms`);
        for (const connection of this.#world.network.all) {
            this.gone(connection);
            if (isSilent) {

                // Nobody is left who would say that it is gone

                connection.toServer.close();
                connection.toClient.stall(Infinity);
            }
            else {
                connection.orphan(isLosing);
            }
        }

        this.redis.replace(data);
        this.at(this.#world.scheduler.now + downtime, 'timer', () => {

            this.isUp = true;
            this.#world.log(() => 'redis: is up');
        });
    }

    #execute(connection, command) {

        const { redis } = this;
        ++this.#world.counts.commands;
        try {
            connection.isHolding = this.#world.plan.isPushingLast;
            const reply = redis.execute(command, connection);
            this.#world.log(() => `redis: ${connection.process.name}#${connection.id} ${shown(command, this.#world.scripts)} -> ${JSON.stringify(reply)?.slice(0, 200)}`);
            if (reply?.pushes) {
                reply.pushes.forEach((push) => connection.push(push));
            }
            else if (redis.replies(connection)) {
                connection.reply({ reply });
            }
        }
        catch (error) {
            if (error.cause && !/^(READONLY|OOM|NOREPLICAS|MISCONF)/.test(error.message)) {
                this.#world.violate('a script failed', error.stack);
            }

            this.#world.log(() => `redis: ${connection.process.name}#${connection.id} ${shown(command, this.#world.scripts)} -> ${error.message}`);
            if (redis.replies(connection)) {
                connection.reply({ error: error.message });
            }
        }

        connection.release();
    }
};


// A script is told by its name, and without its keys

const shown = function ([command, ...args], names) {

    const isScript = /^EVAL(SHA)?$/.test(command);
    const words = isScript ? [`${command}:${names.get(args[0]) ?? args[0].slice(0, 8)}`, ...args.slice(2 + Number(args[1]))] : [command, ...args];
    return words.join(' ').slice(0, 300);
};
