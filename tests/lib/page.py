# SPDX-License-Identifier: GPL-2.0-only
"""The page results/index.html: one run of the tests, for people."""

import html
import os
import time

STYLE = '''
body { font: 15px/1.45 sans-serif; margin: 2em auto; max-width: 70em; padding: 0 1em; color: #222; background: #fff }
table { border-collapse: collapse; margin: 1em 0 } td, th { padding: .2em .8em; text-align: left; vertical-align: top }
th { border-bottom: 2px solid #888 } tr + tr td { border-top: 1px solid #ddd } td.n { text-align: right }
.pass { color: #060 } .fail { color: #a00; font-weight: bold } .skip { color: #775500 }
summary { cursor: pointer } code { font-size: 90% }
@media (prefers-color-scheme: dark) { body { color: #ddd; background: #181818 } .pass { color: #7c7 }
  .fail { color: #f77 } .skip { color: #db5 } tr + tr td { border-color: #444 } a { color: #9bf } }
'''


def write(path, outcomes):
    """Writes the page of a run beside the suites' results."""
    root = os.path.dirname(path)
    parts = [_head(), _summary(outcomes)]
    parts += [_suite(outcome, root) for outcome in outcomes]
    with open(path, 'w', encoding='utf-8') as out:
        out.write('\n'.join(parts) + '\n</body></html>\n')


def _head():
    made = time.strftime('%Y-%m-%d %H:%M UTC', time.gmtime())
    return (f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Test results</title>'
            f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
            f'<h1>Test results</h1><p>{made}</p>')


def _table(header, lines):
    head = ''.join(f'<th>{title}</th>' for title in header)
    return f'<table><tr>{head}</tr>{"".join(lines)}</table>'


def _summary(outcomes):
    lines = []
    for outcome in outcomes:
        cells = ''.join(f'<td class="n {verdict if outcome.of(verdict) else ""}">{len(outcome.of(verdict))}</td>'
                        for verdict in ('pass', 'fail', 'skip'))
        lines.append(f'<tr><td><a href="#{outcome.name}">{outcome.name}</a></td>{cells}'
                     f'<td class="n">{outcome.seconds:.0f}</td><td class="n">{outcome.cpu_seconds:.0f}</td></tr>')
    return _table(('suite', 'passed', 'failed', 'skipped', 'seconds', 'CPU seconds'), lines)


def _suite(outcome, root):
    text = f'<h2 id="{outcome.name}">{outcome.name}</h2><p>{_links(outcome.name, root)}</p>'
    if outcome.of('fail'):
        text += '<h3>Failed</h3>' + _rows(outcome.of('fail'))
    if outcome.of('skip'):
        text += '<h3>Skipped, by reason</h3>' + _skips(outcome)
    return text + f'<details><summary>All {len(outcome.rows)} tests</summary>{_rows(outcome.rows)}</details>'


def _links(name, root):
    """The suite's own page first if it has one, its log, and the files it left."""
    found = []
    if os.path.isfile(os.path.join(root, name, 'html', 'index.html')):
        found.append((f'{name}/html/index.html', 'the whole run, test by test'))
    found.append((f'{name}.log', 'log'))
    folder = os.path.join(root, name)
    if os.path.isdir(folder):
        found += [(f'{name}/{entry}', entry) for entry in sorted(os.listdir(folder)) if entry != 'html']
    return ' · '.join(f'<a href="{html.escape(href)}">{html.escape(text)}</a>' for href, text in found)


def _rows(some):
    return _table(('result', 'test', 'detail'), [
        f'<tr><td class="{row.verdict}">{row.verdict}</td><td><code>{html.escape(row.test)}</code></td>'
        f'<td>{html.escape(row.detail)}</td></tr>' for row in some])


def _skips(outcome):
    return _table(('reason', 'tests'), [
        f'<tr><td>{html.escape(reason)}</td><td>{len(tests)}: <code>{html.escape(", ".join(tests))}</code></td></tr>'
        for reason, tests in outcome.skips_by_reason()])
