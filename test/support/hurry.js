'use strict';

// Loaded before a program (`node --require`), lets its timers run ten times as fast: for what waits where nothing comes

const internals = { setTimeout };

globalThis.setTimeout = (work, delay = 0) => internals.setTimeout(work, delay / 10);
