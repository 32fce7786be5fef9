# SPDX-License-Identifier: GPL-2.0-only
"""One run of a machine: moves its output and its kernel log, and answers what the guest asks on its control port.

The guest asks in lines: `job` (what shall I run?), `screenshot NAME [DEVICE]`, `kmemleak yes|no`, `problem TEXT`,
`exit STATUS TAINT`, `end` (may I go?). Each is answered by one line, `ok ...` or `error ...`. The job's answer is its
length in bytes, then the job.

The script's output and the kernel log each end with a mark that the job names, so that both are known to be complete.
"""

import json
import os
import re
import selectors
import signal
import socket
import sys
import time

SAFE_NAME = re.compile(r'[A-Za-z0-9][A-Za-z0-9._-]*')


class Interrupted(Exception):
    """A signal told us to stop."""

    def __init__(self, number):
        super().__init__(f'stopped by {signal.Signals(number).name}')
        self.number = number


class TimedOut(Exception):
    """The run took longer than it may."""


class Qmp:
    """QEMU's monitor: commands are sent at once, each answer goes to its callback."""

    def __init__(self, sock):
        self.socket, self.buffer, self.callbacks = sock, b'', {}
        self.next_id = 0
        self.send('qmp_capabilities', {}, lambda answer: None)

    def send(self, command, arguments, callback):
        self.next_id += 1
        self.callbacks[self.next_id] = callback
        message = {'execute': command, 'arguments': arguments, 'id': self.next_id}
        self.socket.sendall(json.dumps(message).encode() + b'\n', socket.MSG_NOSIGNAL)

    def receive(self, data):
        *lines, self.buffer = (self.buffer + data).split(b'\n')
        for line in filter(bytes.strip, lines):
            answer = json.loads(line)
            if 'id' in answer:
                self.callbacks.pop(answer['id'])(answer)


class OutputFilter:
    """Passes the script's output on up to the mark that says it is complete."""

    def __init__(self, mark, sink):
        self.mark, self.sink = mark, sink
        self.held, self.complete = b'', False

    def receive(self, data):
        if self.complete:
            return
        data = self.held + data
        before, found, _ = data.partition(self.mark)
        if found:
            self.complete, self.held = True, b''
        else:
            keep = self._possible_start(data)
            before, self.held = data[:len(data) - keep], data[len(data) - keep:]
        self.sink(before)

    def _possible_start(self, data):
        """How many bytes at the end could be the first ones of the mark."""
        for size in range(min(len(self.mark) - 1, len(data)), 0, -1):
            if data.endswith(self.mark[:size]):
                return size
        return 0

    def flush(self):
        self.sink(self.held)
        self.held = b''


class Session:
    """Everything that happens between the start of a machine and its end."""

    def __init__(self, machine, options, job, mark):
        self.machine, self.options, self.job = machine, options, job
        self.log = open(os.path.join(options.out, 'kernel.log'), 'wb')  # pylint: disable=consider-using-with
        self.output = OutputFilter(f'\0{mark}\0'.encode(), self._print)
        self.log_mark, self.log_tail, self.log_complete = f'guest: {mark}'.encode(), b'', False
        self.qmp = Qmp(machine.sockets['qmp'])
        self.control_buffer = b''
        self.status = self.taint = self.problem = self.script_started = None
        self.finishing = self.ending = False
        self.kmemleak_checked = False
        self.began = time.monotonic()
        self.selector = selectors.DefaultSelector()
        self._register()

    # --- the loop

    def _register(self):
        handlers = {'serial': self._serial, 'output': self._output, 'control': self._control,
                    'qmp': self.qmp.receive}
        for name, handler in handlers.items():
            self.selector.register(self.machine.sockets[name], selectors.EVENT_READ, handler)
        self.selector.register(self.machine.pidfd, selectors.EVENT_READ, None)
        self.wake_read, self.wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(self.wake_write, warn_on_full_buffer=False)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        self.selector.register(self.wake_read, selectors.EVENT_READ, None)

    def run(self):
        """Runs until the machine has ended. Raises TimedOut or Interrupted, with the machine still running."""
        while not self._step():
            pass

    def close(self):
        """To be called when QEMU is gone, however: takes what still lies in the sockets."""
        for key in list(self.selector.get_map().values()):
            if key.data:
                while self._receive(key):
                    pass
        self.output.flush()
        self.log.close()

    def _step(self):
        """Handles what came; true when QEMU has ended."""
        events = self.selector.select(self._time_left())
        if self._time_left() == 0:
            raise TimedOut(f'the guest was not done after {self.options.timeout} s')
        ended = False
        for key, _ in events:
            if key.fileobj == self.wake_read:
                raise Interrupted(os.read(self.wake_read, 1)[0])
            if key.fileobj == self.machine.pidfd:
                ended = True
            else:
                self._receive(key)
        return ended

    def _time_left(self):
        return max(0, self.began + self.options.timeout - time.monotonic())

    def _receive(self, key):
        try:
            data = key.fileobj.recv(1 << 16)
        except ConnectionResetError:
            data = b''
        if data:
            key.data(data)
        else:
            self.selector.unregister(key.fileobj)
        return bool(data)

    # --- what comes from the guest

    def _output(self, data):
        self.output.receive(data)
        self._finish_when_complete()

    def _print(self, data):
        if data:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

    def _serial(self, data):
        data = data.replace(b'\r', b'')
        self.log.write(data)
        self.log.flush()
        if self.options.console:
            sys.stderr.buffer.write(data)
            sys.stderr.buffer.flush()
        self.log_tail += data
        self.log_complete |= self.log_mark in self.log_tail
        self.log_tail = self.log_tail[-len(self.log_mark):]
        self._end_when_complete()

    def _control(self, data):
        *lines, self.control_buffer = (self.control_buffer + data).split(b'\n')
        for line in lines:
            verb, _, rest = line.decode(errors='replace').partition(' ')
            handler = getattr(self, f'_on_{verb}', None)
            if handler:
                handler(rest)
            else:
                self._reply(f'error no such request: {verb}')

    def _reply(self, text):
        self._answer(text.encode() + b'\n')

    def _answer(self, data):
        try:
            self.machine.sockets['control'].sendall(data, socket.MSG_NOSIGNAL)
        except (BrokenPipeError, ConnectionResetError):
            pass  # QEMU is gone; the loop learns it by itself

    def _on_job(self, _):
        self.script_started = time.monotonic() - self.began
        job = self.job.encode()
        self._answer(b'%d\n' % len(job) + job)

    def _on_kmemleak(self, text):
        self.kmemleak_checked = text == 'yes'
        self._reply('ok')

    def _on_problem(self, text):
        self.problem = text
        self._reply('ok')

    def _on_screenshot(self, text):
        name, _, device = text.partition(' ')
        if not SAFE_NAME.fullmatch(name):
            self._reply(f'error not a name for a picture: {name}')
            return
        path = os.path.join(self.options.out, f'{name}.png')
        self._screenshot(path, device or 'screen', self._reply)

    def _on_exit(self, text):
        """The script has ended. The guest may go when its output is here and the last picture is taken."""
        status, taint = text.split()
        self.status, self.taint = int(status), int(taint)
        self._finish_when_complete()

    def _finish_when_complete(self):
        is_complete = self.output.complete or self.options.interactive
        if self.status is None or not is_complete or self.finishing:
            return
        self.finishing = True
        if self.options.screenshot:
            self._screenshot(os.path.abspath(self.options.screenshot), 'screen', self._last_picture)
        else:
            self._reply('ok')

    def _on_end(self, _):
        self.ending = True
        self._end_when_complete()

    def _end_when_complete(self):
        if self.ending and self.log_complete:
            self.ending = False
            self._reply('ok')

    def _last_picture(self, answer):
        if not answer.startswith('ok'):
            self.problem = answer
        self._reply('ok')

    def _screenshot(self, path, device, reply):
        def taken(answer):
            error = answer.get('error', {}).get('desc')
            reply(f'error the screenshot failed: {error}' if error else f'ok {path}')
        self.qmp.send('screendump', {'filename': path, 'format': 'png', 'device': device}, taken)


def describe_end(session):
    """Why a machine ended before its script did."""
    messages = session.machine.messages()
    if session.problem:
        return session.problem
    if session.script_started is None:
        return 'the guest never came up' + (f'; QEMU says: {messages}' if messages else '')
    return 'the machine ended before the script did' + (f'; QEMU says: {messages}' if messages else '')

