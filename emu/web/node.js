#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// Runs the web build without a browser, on the host's files, with the options of
// build/clockhand: emu/web/node.js OPTIONS...
'use strict';
const fs = require('fs');
const path = require('path');
const top = path.join(__dirname, '../..');
const build = path.join(top, 'build-web');

// Emscripten's own output would wait for the end of a line.
const kept = {1: [], 2: []};
function flush(fd) {
  fs.writeSync(fd, Uint8Array.from(kept[fd].splice(0)));
}
const byteTo = fd => byte => {
  if (kept[fd].push(byte) > 4096 || fd === 2) flush(fd);
};

// Reads standard input to its end at once; a terminal counts as empty.
let input = null, read = 0;
function nextByte() {
  if (!input) input = process.stdin.isTTY ? [] : fs.readFileSync(0);
  return read < input.length ? input[read++] : null;
}

function mountHost({FS, NODEFS}) {
  FS.init(nextByte, byteTo(1), byteTo(2));
  for (const entry of fs.readdirSync('/', {withFileTypes: true})) {
    const folder = '/' + entry.name;
    if (!entry.isDirectory() || ['/dev', '/proc', '/sys'].includes(folder))
      continue;
    if (!FS.analyzePath(folder).exists) FS.mkdir(folder);
    FS.mount(NODEFS, {root: folder}, folder);
  }
  FS.symlink(path.join(top, 'build/clockhand'), '/proc/self/exe');
  FS.chdir(process.cwd());
}

require(path.join(build, 'clockhand.js'))({
  wasmBinary: fs.readFileSync(path.join(build, 'clockhand.wasm')),
  thisProgram: 'clockhand',
  preRun: [mountHost],
  onExit: status => {
    flush(1);
    process.exitCode = status;
  },
  pageTyped: () => 1,
  pageWait: ms => new Promise(done => setTimeout(done, ms)),
}).then(async machine => {
  machine.callMain(process.argv.slice(2));
  if (!machine.Asyncify.currData) return;
  machine._exit(await machine.Asyncify.whenDone());
});
