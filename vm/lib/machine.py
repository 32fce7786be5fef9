# SPDX-License-Identifier: GPL-2.0-only
"""The machine a guest runs in: turns options into a QEMU command line and starts it.

QEMU talks to us over four inherited sockets: kernel log, output of the script, control, QMP. There is no port and
no path that two machines could share, and QEMU dies with us even if we are killed.
"""

import os
import shutil
import socket
import subprocess

import tsc

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
IMAGE = os.path.join(TOP, 'build/guest/rootfs.img')

# tsc=reliable: no clock that is trusted less is better in a machine whose CPUs wait for each other.
# stall time: a guest in slow motion on a busy host is not a hung guest.
KERNEL_ARGS = [
    'root=/dev/vda', 'rootfstype=squashfs', 'ro', 'init=/usr/lib/vprime/init',
    'console=ttyS0,115200', 'ignore_loglevel', 'log_buf_len=16M',
    'panic=-1', 'tsc=reliable', 'random.trust_cpu=on',
    # A busy host delivers the timer's first ticks too late for the kernel's liking, and it gives up.
    'no_timer_check',
    'rcupdate.rcu_cpu_stall_timeout=180',
]

SCREEN = 'virtio-gpu-pci,id=screen,xres=1024,yres=768'
SOCKETS = ('serial', 'output', 'control', 'qmp')


class CannotStart(Exception):
    """The machine could not be started; the text says why and what to do."""


def kernel_files(options):
    """The kernel and its modules disk (None if it has none)."""
    directory = options.kernel_dir or os.path.join(TOP, f'build/linux-{options.core}-{options.flavour}')
    candidates = [os.path.join(directory, name) for name in ('arch/x86/boot/bzImage', 'bzImage')]
    kernel = next((path for path in candidates if os.path.isfile(path)), None)
    if not kernel:
        raise CannotStart(f'there is no kernel {candidates[0]}\n'
                          f'  Make it first: make kernel CORE={options.core} FLAVOUR={options.flavour}')
    modules = os.path.join(directory, 'modules.sqfs')
    return kernel, modules if os.path.isfile(modules) else None


# All that TCG emulates but five-level page tables, which are slow, and AVX: with it llvmpipe dies under QEMU 7.2, without
# it weston runs. Which of the instructions is to blame was not looked into.
TCG_CPU = 'max,la57=off,avx=off,avx2=off,f16c=off,fma=off'


def accelerator(options):
    """KVM only where it is asked for: on some hosts /dev/kvm opens and guests die in it."""
    if options.icount:
        return ['-accel', 'tcg,thread=single', '-icount', f'shift={options.icount_shift},sleep=off', '-cpu', TCG_CPU]
    if os.environ.get('VPRIME_ACCEL') == 'kvm':
        return ['-accel', 'kvm', '-cpu', 'host']
    return ['-accel', 'tcg,thread=multi', '-cpu', TCG_CPU]


def clock(options):
    """The guest is told how fast its CPUs' counter counts. With --icount that is the same everywhere, and found."""
    rate = None if options.icount else tsc.khz()
    return [f'tsc_early_khz={rate}'] if rate else []


def display(options):
    if options.vnc:
        return ['-display', 'vnc=localhost:0,to=99']
    return ['-display', 'gtk' if options.gtk else 'none']


def _disk(name, path):
    return ['-drive', f'file={_escape(path)},id={name},if=none,format=raw,readonly=on',
            '-device', f'virtio-blk-pci,drive={name}']


def _share(tag, path, *flags):
    return ['-fsdev', ','.join(('local', f'id={tag}', f'path={_escape(path)}', 'security_model=none',
                                'multidevs=remap', *flags)),
            '-device', f'virtio-9p-pci,fsdev={tag},mount_tag={tag}']


def _escape(path):
    """In a QEMU option a comma is doubled."""
    return path.replace(',', ',,')


def _channels(options, fds):
    """The four sockets, and the terminal of an interactive guest."""
    args = ['-device', 'virtio-serial-pci,max_ports=4']
    for name in SOCKETS:
        args += ['-chardev', f'socket,id={name},fd={fds[name]}']
    args += ['-serial', 'chardev:serial', '-mon', 'chardev=qmp,mode=control',
             '-device', 'virtserialport,chardev=control,name=vprime.control',
             '-device', 'virtserialport,chardev=output,name=vprime.output']
    if options.interactive:
        args += ['-chardev', 'stdio,id=tty,signal=off', '-device', 'virtconsole,chardev=tty']
    return args


def command_line(options, fds):
    kernel, modules = kernel_files(options)
    if not os.path.isfile(IMAGE):
        raise CannotStart(f'there is no guest image {IMAGE}\n  Make it first: vm/image')
    args = ['qemu-system-x86_64', '-nodefaults', '-no-user-config', '-machine', 'q35,i8042=off', *accelerator(options),
            '-smp', str(options.cpus), '-m', options.memory, '-no-reboot', '-vga', 'none', '-nic', 'none',
            '-kernel', kernel, '-append', ' '.join(KERNEL_ARGS + clock(options) + options.append)]
    args += display(options) + _channels(options, fds) + _disk('rootfs', IMAGE)
    if modules:
        args += _disk('modules', modules)
    args += _share('project', TOP, 'readonly=on') + _share('out', options.out)
    args += ['-object', 'rng-random,id=rng,filename=/dev/urandom', '-device', 'virtio-rng-pci,rng=rng']
    if options.display:
        args += ['-device', SCREEN, '-device', 'virtio-keyboard-pci', '-device', 'virtio-tablet-pci']
    for device in options.device:
        args += ['-device', device]
    return args


class Machine:
    """A running QEMU: its process and our ends of its sockets."""

    def __init__(self, options):
        if not shutil.which('qemu-system-x86_64'):
            raise CannotStart('qemu-system-x86_64 is not installed\n  Install it: apt-get install qemu-system-x86')
        pairs = {name: socket.socketpair() for name in SOCKETS}
        theirs = {name: pair[1].fileno() for name, pair in pairs.items()}
        self.sockets = {name: pair[0] for name, pair in pairs.items()}
        self.stderr_path = os.path.join(options.out, 'qemu.log')
        self.process = self._start(command_line(options, theirs), theirs.values(), options)
        for _, their_end in pairs.values():
            their_end.close()
        self.pidfd = os.pidfd_open(self.process.pid)

    def _start(self, command, fds, options):
        stdin = None if options.interactive else subprocess.DEVNULL
        with open(self.stderr_path, 'wb') as log:
            return subprocess.Popen(['setpriv', '--pdeathsig', 'KILL', *command], pass_fds=tuple(fds), stdin=stdin,
                                    stdout=None if options.interactive else log, stderr=log)

    def messages(self):
        """What QEMU itself had to say."""
        with open(self.stderr_path, encoding='utf-8', errors='replace') as log:
            return log.read().strip()

    def kill(self):
        """Ends the machine at once, if it still runs."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
