// SPDX-License-Identifier: MIT
// Gives the worker keys, pointer and lines, and shows what the worker sends.
'use strict';
const $ = id => document.getElementById(id);
const canvas = $('panel'), output = $('output'), line = $('line');
const VERSION = document.documentElement.dataset.version;
const COMMON = '--timing fast --ram 8M --swap 32M'; // the machine of the front page
const LINK_MOST = 2000, OUTPUT_MOST = 100000;       // characters
const dots = () => window.devicePixelRatio || 1;

let worker = null;
let loaded;         // program and images (worker.js, read)
let build = '';     // digest of kernel and root
let started = {};   // options and files of the machine that runs
let words = {};     // the latest description of the panel in words
let hearText = show; // takes the machine's output
const OWN = 'A policy of your own needs a compiler, and Clockhand on your computer: ' +
    'tools/policy-from clock mine.c, then build/clockhand --policy-file mine.c. A report is made there, too: ' +
    'keep the figures here, then run tools/report stats.json -o report.html.\n';
const LOADING = 'The machine is loading ...';
const ENDED = 'No machine is running: "Machine" starts one, or choose a lesson.';
const LOST = {OFF: 'The machine is off, and takes no typing.',
              PAST: 'The past takes no typing: goto now, in Monitor, leads to the present.'};
const LATER = 'The machine stands: the guest reads this when it runs on.';
let typedAt;         // the cycle at which LATER was said
let ended = ENDED;   // '' while there is a machine, else why there is none
// Says in the note why a typed line would be lost, and returns the reason; '': it is not lost.
// The monitor answers also when the machine is off, the guest does not.
const hindered = toGuest => {
  const why = ended || (toGuest && LOST[words.mode]) || '';
  if (why) note(why);
  return why;
};
// Notes why there is no machine any more, and disables the sliders; why '': there is a machine.
const ends = why => {
  for (const id of ['when', 'pace']) $(id).disabled = !!why;
  if (ended = why) note(why);
};
const send = (what, more) => worker && worker.postMessage({what, ...more});
const note = text => { $('note').textContent = text; };

// ---- the machine ----
// Words of a line as the program reads them: quotes as in a shell (script.c, option_word).
const optionWords = text => (text.match(/(\\.|"(\\.|[^"\\])*"?|'[^']*'?|[^\s"'])+/g) || [])
    .map(word => word.replace(/'([^']*)'?|"((\\.|[^"\\])*)"?|\\(.)/g, (all, plain, quoted, last, one) =>
      plain ?? one ?? quoted.replace(/\\(.)/g, '$1')));
const optionText = words => words.map(word => word.replace(/[\s"'\\]/g, '\\$&') || "''").join(' ');

// files: the machine's own, by path; script: what the monitor executes first;
// more: options that a link to the machine does not contain.
function begin(options, {files = {}, script = '', more = [], log = null, lesson = null} = {}) {
  if (worker) worker.terminate();
  worker = new Worker('worker.js');
  worker.onerror = event => show(`clockhand: ${event.message}\n`);
  worker.onmessage = ({data}) => hear(data);
  decoder = new TextDecoder();
  hearText = show;
  output.textContent = lesson ? '' : 'help lists the verbs. ' + OWN;
  arriving = wanted = null;
  ends('');
  note(LOADING);
  started = {options, files, lesson};
  const held = {...files, ...(log && {'/page/log': log}),
                '/page/script.ch': new TextEncoder().encode(script)};
  if (log) more = ['--replay', '/page/log', ...more];
  // A script, even an empty one, keeps standard input from the guest's console.
  if (!lesson) more = ['-x', '/page/script.ch', ...more];
  if (matchMedia('(prefers-color-scheme: light)').matches) more = ['--theme', 'light', ...more];
  sendSize();
  send('start', {options: ['--panel', ...more, ...options], files: held, loaded});
}

let decoder;
let asked = Infinity; // scroll position of a question: a long answer is shown from there
function show(text) {
  output.textContent = (output.textContent + text).slice(-OUTPUT_MOST);
  output.scrollTop = Math.min(output.scrollHeight, asked);
}

function hear(data) {
  if (data.text) hearText(decoder.decode(data.text, {stream: true}).replace(/\r/g, ''));
  if (data.loaded) loaded = data.loaded;
  if (data.build) built(data.build);
  if (data.words) showWords(words = data.words);
  if (data.complete) completed(data.complete);
  if (data.file) kept(data);
  if (data.digest) stamped(data.digest);
  if (data.over !== undefined) ends(ENDED);
  if (data.pixels) showPixels(data);
}

function showPixels({pixels, width, height}) {
  if ($('note').textContent === LOADING) note('');
  if (canvas.width !== width || canvas.height !== height)
    [canvas.width, canvas.height] = [width, height];
  canvas.getContext('2d').putImageData(new ImageData(new Uint8ClampedArray(pixels), width, height), 0, 0);
}

// While the machine runs, the card changes only if its tab is open: a running
// machine changes it too often to be read aloud.
function showWords({mode, hz, cycle, present, pace, paced, time, free, policy, card, frame, console: rows}) {
  if (arriving && mode !== 'RUN' && cycle >= arriving) {
    tellMoment(arriving);
    arriving = null;
    note('');
  }
  if (arriving) note(`The machine repeats what led here: ${(cycle / hz).toFixed(1)} of ${(arriving / hz).toFixed(1)} s ...`);
  const noted = $('note').textContent;
  if ((mode !== 'PAST' && noted === LOST.PAST) || (cycle > typedAt && noted === LATER)) note('');
  if (mode !== 'RUN' || !$('words').hidden) $('card').textContent = card;
  slide('when', present ? cycle / present * 1000 : 1000, time);
  slide('pace', pace, paced);
  $('frame').textContent = frame;
  $('state').textContent = `${mode} at ${time}; ${free} frames are free. Policy: ${policy}`;
  const screen = rows.map(row => row.trimEnd()).join('\n').trimEnd();
  if ($('screen').textContent === screen) return;
  $('screen').textContent = screen;
  $('screen').scrollTop = $('screen').scrollHeight;
}

function slide(id, value, text) {
  if (!$(id).matches(':active')) $(id).value = value;
  $(id).setAttribute('aria-valuetext', text);
}
$('when').addEventListener('change', ({target: {value}}) => send('command',
    {line: `goto ${value < 1000 ? Math.round(words.present * value / 1000) : 'now'}`}));
$('pace').addEventListener('change', ({target: {value}}) => send('pace', {at: +value}));

// ---- the panel ----
// The panel is drawn in the screen's own dots. It has a least size (layout.h);
// a smaller window shows it scaled down.
function sendSize() {
  const [w, h] = [canvas.clientWidth, canvas.clientHeight];
  if (!w || !h) return;
  const least = Math.max(1, 640 / w, 480 / h);
  send('size', {w: Math.round(w * dots() * least), h: Math.round(h * dots() * least),
                scale: Math.round(dots() * 100)});
}
new ResizeObserver(sendSize).observe(canvas);
// A window moved to another screen keeps its size, but its number of dots may change.
function followDots() {
  matchMedia(`(resolution: ${dots()}dppx)`).addEventListener('change', followDots, {once: true});
  sendSize();
}
followDots();

// Tab leaves the panel, and the browser keeps its own keys.
canvas.addEventListener('keydown', event => {
  const character = [...event.key].length === 1 ? event.key.codePointAt(0) : 0;
  if (event.ctrlKey || event.altKey || event.metaKey || !(character || PANEL_KEYS.test(event.key)))
    return;
  event.preventDefault();
  send('key', {name: event.key, character});
});
const PANEL_KEYS = /^(Enter|Backspace|Escape|Arrow.*|Home|End|Page.*|Insert|Delete)$/;

function at(event) {
  return {x: Math.floor(event.offsetX * canvas.width / canvas.clientWidth),
          y: Math.floor(event.offsetY * canvas.height / canvas.clientHeight)};
}

const point = (does, event) => send('pointer', {does, ...at(event)});
canvas.addEventListener('pointermove', event => point('move', event));
canvas.addEventListener('pointerleave', event => point('leave', event));
canvas.addEventListener('pointerdown', event => event.button === 0 && point('press', event));
canvas.addEventListener('pointerup', event => {
  const what = ['release', , 'why', 'back'][event.button];
  if (what) point(what, event);
});
canvas.addEventListener('contextmenu', event => event.preventDefault());
canvas.addEventListener('wheel', event => {
  if (event.ctrlKey) return; // the browser's zoom
  event.preventDefault();
  send('wheel', {steps: -Math.sign(event.deltaY), ...at(event)});
}, {passive: false});

// ---- the prompt ----
const past = []; // lines, the latest last
let back = 0;    // lines from the end

$('prompt').addEventListener('submit', event => {
  event.preventDefault();
  const typed = line.value.trim();
  if (!typed || hindered(false)) return;
  line.value = '';
  back = 0;
  if (past[past.length - 1] !== typed) past.push(typed);
  const all = document.createRange(); // its height is the text's, even if the text does not fill the log
  all.selectNodeContents(output);
  asked = all.getBoundingClientRect().height;
  setTimeout(() => asked = Infinity, 500);
  show(`(clockhand) ${typed}\n`);
  send('line', {line: typed});
});

line.addEventListener('keydown', event => {
  const step = {ArrowUp: 1, ArrowDown: -1}[event.key];
  if (step && past[past.length - back - step] !== undefined || back + step === 0) {
    event.preventDefault();
    back += step;
    line.value = back ? past[past.length - back] : '';
  }
  // Tab completes a word; on an empty line it leaves the line, as elsewhere in a page.
  if (event.key === 'Tab' && !event.shiftKey && line.value.trim()) {
    event.preventDefault();
    send('complete', {line: line.value.slice(0, line.selectionStart)});
  }
});

function completed({at, words}) {
  const end = line.selectionStart;
  if (!words.length) return note('No word completes this one.');
  let common = words[0];
  while (!words.every(word => word.startsWith(common))) common = common.slice(0, -1);
  line.setRangeText(common + (words.length === 1 ? ' ' : ''), at, end, 'end');
  if (words.length > 1) show(words.join('  ') + '\n');
}

// ---- the console ----
// Gives the guest what lies in the line and `more`, and empties the line.
function type(more, event) {
  event.preventDefault();
  if (hindered(true)) return;
  send('type', {line: $('keys').value + more});
  $('keys').value = '';
  if (/HALT|WALK/.test(words.mode)) note(LATER), typedAt = words.cycle;
}
$('typing').addEventListener('submit', event => type('\n', event));
$('keys').addEventListener('keydown', event => {
  const control = event.ctrlKey && !event.altKey && !event.metaKey && {c: '\x03', d: '\x04', z: '\x1a'}[event.key];
  if (control && !$('keys').value && !`${getSelection()}`) type(control, event);
});
$('keys').addEventListener('paste', event => { // an input would drop ends of lines
  const text = event.clipboardData.getData('text').replace(/\r\n?/g, '\n');
  if (text.includes('\n')) type(text, event);
});

for (const button of document.querySelectorAll('[data-shows]'))
  button.addEventListener('click', () => {
    for (const each of document.querySelectorAll('[data-shows]')) {
      each.setAttribute('aria-pressed', each === button);
      $(each.dataset.shows).hidden = each !== button;
    }
    for (const at of $(button.dataset.shows).querySelectorAll('pre, input')) at.focus(), at.scrollTop = at.scrollHeight;
  });

// ---- files ----
async function opened(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const path = '/in/' + file.name.replace(/[^\w.-]/g, '_');
  const begins = new TextDecoder().decode(bytes.slice(0, 14));
  // Keeps the machine's options, and the files they name, unless it is a lesson's or has ended.
  const from = started.lesson || ended ? {options: COMMON.split(' '), files: {}} : started;
  const options = from.options.filter((word, i, all) => word !== '--load' && all[i - 1] !== '--load');
  const files = Object.fromEntries(Object.entries(from.files).filter(([name]) => options.includes(name)));
  files[path] = bytes;
  history.replaceState(null, '', location.pathname);
  showFace('machine');
  if (begins.startsWith('\x7fELF')) begin([path], {files});
  else if (begins === 'clockhand save') begin([...options, '--load', path], {files, more: ['-S']});
  else if (!path.endsWith('.ch')) begin([...options, '--drive', path], {files});
  else {
    const script = new TextDecoder().decode(bytes);
    begin(optionWords((/^# options:(.*)/.exec(script) || [, ''])[1]), {script});
  }
}
$('open').addEventListener('change', () => {
  if ($('open').files.length) opened($('open').files[0]);
  $('open').value = '';
});
document.addEventListener('dragover', event => event.preventDefault());
document.addEventListener('drop', event => {
  event.preventDefault();
  if (event.dataTransfer.files.length) opened(event.dataTransfer.files[0]);
});

function give(name, blob) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}

$('keep').addEventListener('change', () => {
  const name = $('keep').value;
  $('keep').value = '';
  if (name === 'panel.png') canvas.toBlob(blob => give(name, blob));
  else if (started.lesson) note('A lesson has its own machines: only the picture can be kept. "Machine" starts another.');
  else if (name) send('file', {name, saved: name === 'machine.saved'});
});
$('moment').addEventListener('click', () => {
  if (started.lesson) link({lesson: started.lesson}, 'The link, to the lesson from its beginning,');
  else {
    if (words.mode !== 'RUN') tellMoment(words.cycle);
    send('file', {name: 'link', saved: false});
  }
});

function kept({file, why, bytes, cycle}) {
  if (why) note(why);
  else if (file === 'link') linkMoment(bytes, cycle);
  else if (file === 'machine.saved') give(file, new Blob([bytes]));
  else runAgain(file, bytes, cycle);
}

// Events, trace and figures come from a second machine, which repeats the first
// machine's run from its input log: the first machine need not record them.
function runAgain(name, log, cycle) {
  const again = new Worker('worker.js');
  const option = {'events.csv': '--events', 'trace.pftrace': '--trace', 'stats.json': '--stats'}[name];
  note(`${name}: a second machine repeats the run ...`);
  again.onerror = () => note(`${name}: the second machine could not repeat the run.`);
  again.onmessage = ({data}) => {
    if (data.over === undefined) return;
    again.terminate();
    if (data.over) return again.onerror();
    give(name, new Blob(data.files));
    note('');
  };
  again.postMessage({what: 'start', loaded, wanted: ['/page/out'],
                     options: [...started.options, '--replay', '/page/log', option, '/page/out', '-x', '/page/run.ch'],
                     files: {...started.files, '/page/log': log,
                             '/page/run.ch': new TextEncoder().encode(`run-for ${cycle}\n`)}});
}

// ---- links (to a moment: v version, i build, o options, l log, c cycle) ----
function link(what, named = 'The link') {
  const query = new URLSearchParams(what);
  history.replaceState(null, '', '#' + query);
  if (navigator.clipboard) navigator.clipboard.writeText(location.href).catch(() => {});
  note(named + ' is in the address bar, and copied.');
  setTimeout(() => /^The link/.test($('note').textContent) && note(''), 10000);
}

async function linkMoment(log, cycle) {
  const l = await toWord(log);
  if (Object.keys(started.files).length)
    note('A machine with files of its own has no link: keep the machine, and send that file.');
  else if (l.length > LINK_MOST - 200)
    note('So much was done here that it fits no link: keep the machine, and send that file.');
  else link({v: VERSION, i: build, o: optionText(started.options), l, c: cycle});
}

let wanted = null;   // the build of the link that is open
let arriving = null; // the cycle to which it leads, until the machine is there

// After a `goto` the panel's card tells of the last event, both here and where the
// link is opened, and not of the last command here.
const tellMoment = cycle => send('command', {line: `goto ${cycle}`});

// The log ends at the machine's latest moment: one more step there compares the
// hash and ends the replay, so that the machine can go on from there.
async function openMoment(query) {
  const cycle = query.get('c');
  if (query.get('v') !== VERSION) return note(ELSEWHERE);
  begin(optionWords(query.get('o')), {log: await ofWord(query.get('l')),
                                    script: `pace max\nrun-for ${cycle}\nrun-for 1\npace 1\n`, more: ['-S']});
  [wanted, arriving] = [query.get('i'), cycle];
}

const ELSEWHERE = 'This link is of another version of Clockhand, which is not served here.';
function built(digest) {
  build = digest;
  if (!wanted || wanted === digest) return;
  worker.terminate();
  ends(ELSEWHERE);
}

// ---- what is shown ----
const showFace = face => { document.body.className = face; };
const toMachine = () => {
  if (started.lesson && !ended && !confirm('The lesson begins anew when you come back. Leave it?')) return;
  if (started.lesson || ended || document.body.className === 'front') begin(COMMON.split(' '));
  history.replaceState(null, '', location.pathname);
  showFace('machine');
  line.focus();
};
$('free').addEventListener('click', toMachine);
$('machine').addEventListener('click', toMachine);
