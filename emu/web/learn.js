// SPDX-License-Identifier: MIT
// Lessons: with --grade -v the machine runs a lesson, sends each part as a line
// of JSON (emu/lesson/grade.c), and reads answers. The page shows these parts.
'use strict';
let lessons = []; // {name, number, title, bytes}
let lesson, seed, place, rest, box, told; // told: a verdict that no form follows yet
let steps; // the steps' questions, answered before, if only the exercise is repeated; else null

const progress = JSON.parse(localStorage.getItem('clockhand.progress') || '{}');

// ---- text ----
function add(to, tag, text, more = {}) {
  const element = document.createElement(tag);
  (text || '').split('`').forEach((piece, i) => {
    if (i % 2) element.append(Object.assign(document.createElement('code'), {textContent: piece}));
    else element.append(piece);
  });
  Object.assign(element, more);
  to.append(element);
  return element;
}

// Adds paragraphs of a lesson's Markdown; lists and tables stay as they are.
function prose(text) {
  for (const part of text.split(/\n\s*\n/).filter(part => part.trim()))
    if (/^[|\-] /m.test(part)) add($('lesson'), 'pre', part.replace(/`/g, ''), {tabIndex: 0});
    else add($('lesson'), 'p', part.replace(/\n/g, ' '));
}

function form(legend, fill) {
  box = add($('lesson'), 'form');
  const field = add(box, 'fieldset');
  if (legend) add(field, 'legend', legend);
  fill(field);
  const first = box.querySelector('input, button');
  if ($('lesson').contains(document.activeElement) || document.activeElement === document.body)
    first.focus({preventScroll: true});
  // The first question does not scroll title and introduction away.
  if ($('lesson').querySelectorAll('form').length > 1) box.scrollIntoView({block: 'nearest'});
  if (told) told.scrollIntoView({block: 'nearest'}), told = null;
  return box;
}

const INPUTS = 'input, fieldset > button'; // not "Open it", which the learner may press after the answer, too
function answer(text) {
  for (const input of box.querySelectorAll(INPUTS)) input.disabled = true;
  box.querySelector('.wrong')?.remove();
  send('answer', {line: text});
}

// Asks a question; `field` adds its input, and `more` adds to the end of the form.
function question(legend, field, more = () => {}) {
  form(legend, fieldset => {
    field(fieldset);
    add(fieldset, 'button', 'Answer');
    add(fieldset, 'button', 'Show me', {type: 'button', onclick: () => answer('')});
    more(fieldset);
  }).onsubmit = event => {
    event.preventDefault();
    answer(String(new FormData(box).get('answer') || '').trim() || '?');
  };
}

const number = field => add(field, 'input', '', {name: 'answer', ariaLabel: 'Your number', size: 12, autocomplete: 'off'});

// ---- the parts, in the order in which they come ----
const parts = {
  lesson({number, title, text}) {
    add($('lesson'), 'h2', `${number}. ${title}`);
    prose(steps ? 'The steps need not be repeated: here is the exercise with other numbers.' : text);
  },
  step({text}) {
    add($('lesson'), 'h3', `Step ${$('lesson').querySelectorAll('h3').length + 1} of ${lesson.steps}: ${text}`);
  },
  prose: ({text}) => prose(text),
  question({question: text, choices}) {
    question(text, field => {
      if (!choices) number(field);
      for (const [letter, words] of Object.entries(choices || {}))
        add(field, 'label', '').append(Object.assign(document.createElement('input'),
            {type: 'radio', name: 'answer', value: letter}), ` ${letter}. ${words.replace(/`/g, '')}`);
    });
  },
  exercise({ask, within, options, try: tries}) {
    add($('lesson'), 'h3', 'Exercise');
    prose(ask + (within ? ` (An answer that is off by ${within} is right.)` : ''));
    question('', number, field => {
      const how = add(field, 'details', '', {ontoggle: () => how.scrollIntoView({block: 'nearest'})});
      add(how, 'summary', 'How to try it');
      add(how, 'p', `Try it on such a machine (\`${options}\`): the button opens one in another window. The prompts are ` +
          'in its tabs Monitor and Console. ' + tries.replaceAll(', `continue`, Enter for a prompt', ', the tab Console')
              .replaceAll('Ctrl-A c', 'the tab Monitor'));
      add(how, 'button', 'Open it', {type: 'button', onclick: () =>
        open('#' + new URLSearchParams({o: `${options} -S`}))});
    });
  },
  expected({text}) {
    for (const input of box.querySelectorAll(INPUTS)) input.disabled = false;
    box.querySelector('button + button').after(add(box, 'b', `The answer is ${text}.`, {className: 'wrong', role: 'alert'}));
    box.querySelector('input').focus();
    box.scrollIntoView({block: 'nearest'});
  },
  verdict({given, ok, right, text}) {
    told = add($('lesson'), 'p', ok ? `Right: ${right}` : `${given ? `You said ${given}; it` : 'It'} is ${right}.`,
        {className: ok ? 'right' : given ? 'wrong' : '', role: 'status'});
    prose(text);
  },
  undone: () => note('The lesson goes on where it stood: what has run meanwhile is undone.'),
  pause() {
    form('', field => add(field, 'button', 'Go on')).onsubmit = event => {
      event.preventDefault();
      answer('');
    };
  },
};

// ---- a lesson ----
function hearLesson(text) {
  const lines = (rest + text).split('\n');
  rest = lines.pop();
  for (const line of lines) {
    const said = /^\{"(part|lesson)":/.test(line) && JSON.parse(line);
    if (!said) shows(line);
    else if (said.part) (place = null), parts[said.part](said);
    else over(said, line);
  }
}

// Shows what the machine does: commands, their answers, the guest's lines.
function shows(line) {
  if (box && box.querySelector('fieldset > button:enabled')) return show(line + '\n'); // of the learner's own commands
  if (!place && !line) return;
  place = place || add($('lesson'), 'pre', '', {tabIndex: 0});
  place.append(Object.assign(document.createElement('div'), {textContent: line + '\n'}));
}

function over(said, line) {
  if (steps) line = JSON.stringify(said = {...said, questions: steps});
  const right = said.questions.filter(one => one.given && one.ok);
  const done = {right: right.length, of: said.questions.length, exercise: said.exercise?.ok}; // none after `quit`
  progress[lesson.name] = done;
  localStorage.setItem('clockhand.progress', JSON.stringify(progress));
  list();
  add($('lesson'), 'h3', 'The end');
  add($('lesson'), 'p', `${done.right} of ${done.of} questions ${done.right === 1 ? 'was' : 'were'} answered right` +
      (done.exercise ? ', and the exercise.' : '; the exercise was not.'));
  const teacher = add($('lesson'), 'details');
  add(teacher, 'summary', 'For a teacher');
  add(teacher, 'p', 'This line has the answers and the build; its digest shows whether they were changed. It is no ' +
      'proof against somebody who can program.');
  add(teacher, 'textarea', '', {readOnly: true, id: 'teacher', ariaLabel: 'Line for a teacher',
                                value: `${line.slice(0, -1)},"build":"${build}"`});
  send('digest', {line: $('teacher').value});
  form('', field => {
    add(field, 'button', 'Other numbers', {type: 'button', onclick: () => learn(lesson, seed + 1, said.questions)});
    const next = lessons[lessons.indexOf(lesson) + 1];
    if (next) add(field, 'button', 'Next lesson', {type: 'button', onclick: () => learn(next, 1)});
  });
  add($('lesson'), 'p', OWN);
}

const stamped = digest => { $('teacher').value += `,"digest":"${digest}"}`; };

function learn(which, with_, before = null) {
  [lesson, seed, steps, place, rest, box] = [which, with_, before, null, '', null];
  $('lesson').textContent = '';
  showFace('lesson');
  begin(['--lesson', String(lesson.number), '--grade', '-v', '--seed', String(seed), ...(steps ? ['--exercise'] : [])],
        {files: {['/tools/lessons/' + lesson.name]: lesson.bytes}, lesson: lesson.number});
  hearText = hearLesson;
  history.replaceState(null, '', `#lesson=${lesson.number}` + (seed === 1 ? '' : `&seed=${seed}`));
}

function list() {
  $('lessons').length = 1;
  for (const {name, number, title} of lessons) {
    const done = progress[name];
    add($('lessons'), 'option', `${number}. ${title}${done ? ` (${done.right} of ${done.of})` : ''}`, {value: number});
  }
}

$('lessons').addEventListener('change', () => {
  const which = lessons[$('lessons').value - 1];
  $('lessons').value = '';
  if (which) learn(which, 1);
});
$('first').addEventListener('click', () => learn(lessons[0], 1));

// ---- where the page begins ----
function route() {
  const query = new URLSearchParams(location.hash.slice(1));
  const which = lessons[query.get('lesson') - 1];
  if (which) return learn(which, +query.get('seed') || 1);
  showFace(query.has('o') ? 'machine' : 'front');
  if (query.has('l')) openMoment(query).catch(() => note('This link is damaged.'));
  else if (query.has('o')) begin(optionWords(query.get('o')));
  else begin(COMMON.split(' '), {script: 'expect "# " 5s\nsend "thrash\\n"\n'});
}
addEventListener('hashchange', route);

inflated('lessons').then(bytes => {
  for (const part of new TextDecoder().decode(bytes).split('\f').slice(1)) {
    const end = part.indexOf('\n'), name = part.slice(0, end), text = part.slice(end + 1);
    const [, number, title] = /^# (\d+)\. (.*)/.exec(text);
    lessons.push({name, number: +number, title, steps: text.match(/^## /gm).length, bytes: new TextEncoder().encode(text)});
  }
  list();
  route();
}).catch(error => note(`clockhand: ${error.message}`));
