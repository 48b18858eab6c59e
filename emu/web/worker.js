// SPDX-License-Identifier: MIT
// Runs the machine in a worker, which takes files and gives pixels and text. The
// machine runs in turns (panel.c, page_wait); between turns it takes messages.
'use strict';
importScripts('bytes.js');

const DISPLAY_MS = 250; // between two descriptions of the picture in words
let machine;            // the exports of clockhand.wasm and its runtime
let width = 0, height = 0;
let text = [];          // bytes of output not sent yet
let typed = [];         // bytes of standard input: a lesson's answers
let events = [];        // the page's events, not yet given to the machine
let wake = null;        // ends the machine's wait
let worded = 0, words = '', drawAgain = 0;
const next = new MessageChannel();
next.port1.onmessage = () => wake && wake();

function withText(fn, string, ...more) {
  const at = machine.allocateUTF8(string);
  const answer = fn(at, ...more);
  machine._free(at);
  return answer;
}

const give = {
  size: ({w, h, scale}) => machine._page_size(width = w, height = h, scale),
  key: ({name, character}) => withText(machine._page_key, name, character),
  pointer: ({does, x, y}) => withText(machine._page_pointer, does, x, y),
  wheel: ({steps, x, y}) => machine._page_wheel(steps, x, y),
  pace: ({at}) => machine._page_pace(at),
  line: ({line}) => withText(machine._page_line, line),
  command: ({line}) => withText(machine._page_command, line),
  type: ({line}) => withText(machine._page_type, line),
  answer: ({line}) => typed.push(...new TextEncoder().encode(line + '\n')),
  digest: ({line}) => postMessage({digest: digest(new TextEncoder().encode(line))}),
  complete: ({line}) => postMessage({complete: JSON.parse(
      machine.UTF8ToString(withText(machine._page_complete, line)))}),
  file: ({name, saved}) => {
    const why = machine.UTF8ToString(withText(machine._page_file, '/file', saved));
    postMessage({file: name, why, bytes: why ? null : machine.FS.readFile('/file'),
                 cycle: JSON.parse(machine.UTF8ToString(machine._page_words())).cycle});
  },
};

function digest(bytes) {
  const at = machine._malloc(bytes.length);
  machine.HEAPU8.set(bytes, at);
  const hex = machine.UTF8ToString(machine._page_digest(at, bytes.length));
  machine._free(at);
  return hex;
}

function sendOutput() {
  if (text.length) postMessage({text: Uint8Array.from(text)});
  text = [];
}

// Pictures cost the machine time: a machine that never rests spends a twentieth of it on them.
function sendPicture(busy) {
  const began = performance.now();
  if (busy && began < drawAgain) return;
  const at = machine._page_draw(performance.now() / 1000);
  if (at) {
    const pixels = machine.HEAPU8.slice(at, at + width * height * 4);
    postMessage({pixels: pixels.buffer, width, height}, [pixels.buffer]);
  }
  if (began >= worded + DISPLAY_MS) {
    worded = began;
    const now = machine.UTF8ToString(machine._page_words());
    if (now !== words) postMessage({words: JSON.parse(words = now)});
  }
  drawAgain = began + 20 * (performance.now() - began);
}

async function pageWait(ms) {
  const heard = new Promise(done => wake = done);
  const timer = ms > 0 ? setTimeout(() => wake(), ms) : next.port2.postMessage(0);
  for (const event of events.splice(0)) give[event.what](event);
  sendOutput();
  sendPicture(!ms);
  await heard;
  clearTimeout(timer);
}

onmessage = ({data}) => {
  if (data.what === 'start') return void start(data);
  if (data.what === 'digest') return give.digest(data); // a machine that has ended answers, too
  events.push(data);
  if (wake) wake();
};

// The page's first worker reads the files and compiles; the page gives later workers the results.
async function read() {
  const [program, wasm, kernel, root] = await Promise.all(
      ['clockhand.js', 'clockhand.wasm', 'kernel.elf', 'root.img'].map(inflated));
  const loaded = {program, code: await WebAssembly.compile(wasm), kernel, root};
  postMessage({loaded});
  return loaded;
}

// files: what the machine finds, by path; wanted: paths of files that are sent
// when the machine ends.
async function start({options, loaded, files = {}, wanted = []}) {
  const {program, code, kernel, root} = loaded || await read();
  importScripts(URL.createObjectURL(new Blob([program], {type: 'text/javascript'})));
  const put = byte => text.push(byte);
  const held = {'/clockhand/guest/kernel.elf': kernel, '/clockhand/guest/root.img': root, ...files};
  machine = await Clockhand({
    pageWait, pagePixels: true, thisProgram: 'clockhand',
    instantiateWasm: (imports, done) => (WebAssembly.instantiate(code, imports).then(done), {}),
    pageTyped: () => typed.length,
    preRun: [({FS}) => {
      FS.init(() => typed.length ? typed.shift() : undefined, put, put);
      for (const [path, bytes] of Object.entries(held)) {
        FS.mkdirTree(path.replace(/\/[^/]*$/, ''));
        FS.writeFile(path, bytes);
      }
      FS.symlink('/clockhand/clockhand', '/proc/self/exe');
    }],
    onExit: status => {
      sendOutput();
      postMessage({over: status, files: wanted.map(path => machine.FS.readFile(path))});
    },
  });
  postMessage({build: digest(kernel) + digest(root)});
  machine.callMain(options);
  if (!machine.Asyncify.currData) return;
  const status = await machine.Asyncify.whenDone();
  try {
    machine._exit(status);
  } catch (end) {
    if (end.name !== 'ExitStatus') throw end;
  }
}
