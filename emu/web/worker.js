// SPDX-License-Identifier: MIT
// The machine's worker: files in, pixels and text out. The machine runs in turns
// (panel.c, page_wait); messages of the page are heard between them.
'use strict';
importScripts('clockhand.js');

let machine;           // its exports
let width = 0, height = 0;
let text = [];         // bytes of output not sent yet
let events = [];       // of the page, not given to the machine yet
let wake = null;       // ends the machine's wait
const next = new MessageChannel();
next.port1.onmessage = () => wake && wake();

// Each file is stored compressed, so that any file server may serve it.
async function inflated(name) {
  const answer = await fetch(name + '.gz');
  if (!answer.ok) throw new Error(`${name}.gz: ${answer.status}`);
  const plain = answer.body.pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(plain).arrayBuffer());
}

const give = {
  size: ({w, h, scale}) => machine._page_size(width = w, height = h, scale),
  key: ({key, ctrl}) => machine._page_key(key, ctrl),
  pointer: ({what, x, y}) => machine._page_pointer(what, x, y),
  wheel: ({steps, x, y}) => machine._page_wheel(steps, x, y),
  line: ({line}) => withText(machine._page_line, line),
  type: ({line}) => withText(machine._page_type, line),
};

function withText(fn, string) {
  const at = machine.allocateUTF8(string);
  fn(at);
  machine._free(at);
}

function sendOutput() {
  if (text.length) postMessage({text: Uint8Array.from(text)});
  text = [];
}

function sendPicture() {
  const at = machine._page_draw(performance.now() / 1000);
  if (!at) return;
  const pixels = machine.HEAPU8.slice(at, at + width * height * 4);
  postMessage({pixels: pixels.buffer, width, height}, [pixels.buffer]);
}

async function pageWait(ms) {
  const heard = new Promise(done => wake = done);
  const timer = ms > 0 ? setTimeout(() => wake(), ms) : next.port2.postMessage(0);
  for (const event of events.splice(0)) give[event.what](event);
  sendOutput();
  sendPicture();
  await heard;
  clearTimeout(timer);
}

onmessage = ({data}) => {
  if (data.what === 'start') return void start(data);
  events.push(data);
  if (wake) wake();
};

async function start({options}) {
  const [wasmBinary, kernel, root] = await Promise.all(
      ['clockhand.wasm', 'kernel.elf', 'root.img'].map(inflated));
  const put = byte => text.push(byte);
  machine = await Clockhand({
    wasmBinary, pageWait, pagePixels: true, thisProgram: 'clockhand',
    preRun: [({FS}) => {
      FS.init(() => null, put, put);
      FS.mkdirTree('/clockhand/guest');
      FS.writeFile('/clockhand/guest/kernel.elf', kernel);
      FS.writeFile('/clockhand/guest/root.img', root);
      FS.symlink('/clockhand/clockhand', '/proc/self/exe');
    }],
    onExit: status => {
      sendOutput();
      postMessage({over: status});
    },
  });
  machine.callMain(options);
  if (machine.Asyncify.currData)
    machine._exit(await machine.Asyncify.whenDone());
}
