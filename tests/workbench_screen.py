"""What is read off a window: programs for the page, each of which looks at what is drawn and answers in plain data."""

from __future__ import annotations

CURSOR = "cursor"
"""In place of a number: the line that the cursor is on."""

EDITOR = """
const editor = document.querySelector('.editor-group-container.active .editor-instance .monaco-editor');
const numbers = editor ? [...editor.querySelectorAll('.margin-view-overlays .line-numbers')] : [];
const number = numbers.find(
  (it) => (line === 'cursor' ? it.matches('.active-line-number') : it.textContent.trim() === String(line)),
);
const at = number && number.getBoundingClientRect();
const middle = at && at.top + at.height / 2;
const covers = (it) => {
  const box = it.getBoundingClientRect();
  return box.height > 0 && box.top <= middle && middle < box.bottom;
};
"""

ROW = f"""(line) => {{
{EDITOR}
if (!at) return null;
const margin = editor.querySelector('.glyph-margin').getBoundingClientRect();
const text = [...editor.querySelectorAll('.view-lines > .view-line')].find(covers);
if (!text) return null;
const drawn = (it, where) => {{
  const content = getComputedStyle(it, where).content;
  return content.startsWith('"') ? JSON.parse(content) : '';
}};
// What extensions draw behind a line is content of its style sheet.
const spans = [...text.querySelectorAll('span span')];
const shown = spans.map((it) => drawn(it, '::before') + it.textContent + drawn(it, '::after')).join('');
// What only shows where a click would put a dot is none.
const margins = [...editor.querySelectorAll('.glyph-margin-widgets .cgmr:not(.codicon-debug-hint)')];
const glyphs = margins.filter(covers).map((it) => {{
  const own = [...it.classList].filter((name) => name.startsWith('codicon-')).map((name) => name.slice('codicon-'.length));
  const image = decodeURIComponent(getComputedStyle(it).backgroundImage).match(/([^/]+)\\.(svg|png)/);
  return own.length ? own.join(' ') : image ? image[1] : it.className;
}});
const boxes = [...editor.querySelectorAll('.view-overlays .cdr')].filter(covers).map((it) => getComputedStyle(it));
const bar = boxes.find((it) => it.borderLeftStyle === 'solid' && it.borderLeftWidth === '2px' && it.borderRightWidth === '0px');
return {{
  text: shown, glyphs, bar: bar ? bar.borderLeftColor : null,
  gutter: margin.left + Math.min(10, margin.width / 2), number: at.left + at.width / 2, y: middle,
}};
}}"""

IS_OPAQUE = """() => {
  const shown = [...document.querySelectorAll('.monaco-hover')].filter((it) => it.getBoundingClientRect().height > 0);
  const layers = (it) => (it ? [Number(getComputedStyle(it).opacity), ...layers(it.parentElement)] : []);
  return shown.length > 0 && shown.every((it) => layers(it).every((opacity) => opacity === 1));
}"""

WORD = f"""([line, word]) => {{
{EDITOR}
const row = at && [...editor.querySelectorAll('.view-lines > .view-line')].find(covers);
if (!row) return null;
const walker = document.createTreeWalker(row, NodeFilter.SHOW_TEXT);
for (let node; (node = walker.nextNode()); ) {{
  const start = node.data.replace(/\\u00a0/g, ' ').indexOf(word);
  if (start < 0) continue;
  const range = document.createRange();
  range.setStart(node, start);
  range.setEnd(node, start + word.length);
  const box = range.getBoundingClientRect();
  return {{ x: box.x + box.width / 2, y: box.y + box.height / 2 }};
}}
return null;
}}"""

STOPPED = f"""() => {{
const line = null;
{EDITOR}
const mark = editor && editor.querySelector('.debug-top-stack-frame-line, .debug-top-stack-frame-column');
if (!mark) return null;
const top = mark.getBoundingClientRect().top;
const beside = numbers.find((it) => Math.abs(it.getBoundingClientRect().top - top) < 4);
return beside ? Number(beside.textContent.trim()) : null;
}}"""
