"""A member of the log in another language, written from PROTOCOL.md. It needs Python 3 and nothing else.

Usage: member.py SOCKET PREFIX LEASE, with the scripts as JSON (name: Lua) in the first line of its input. Then commands, one a line:
`check NAME` answers revoked, accepted or outage; `revoke NAME` answers done or failed; `leave` ends it.
"""

import json
import os
import secrets
import select
import socket
import sys
import time

SUFFIXES = [':blocks', ':expiries', ':issuers', ':log', ':members', ':waits', ':pending', ':suspects']
FOREVER = 9007199254740991


class Connection:
    """RESP3 on a Unix socket: replies in their order, pushes as they come."""

    def __init__(self, path, pushed):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.pushed = pushed
        self.buffer = b''

    def send(self, *args):
        parts = [str(arg).encode() for arg in args]
        self.socket.sendall(b'*%d\r\n' % len(parts) + b''.join(b'$%d\r\n%s\r\n' % (len(part), part) for part in parts))

    def call(self, *args):
        self.send(*args)
        while True:
            is_push, value = self.read()
            if not is_push:
                return value

    def read(self):
        """The next thing that comes; a push is handed on first."""
        is_push = self.peek() == b'>'
        value = self.parse()
        if is_push:
            self.pushed(value)
        elif isinstance(value, Exception):
            raise value
        return is_push, value

    def peek(self):
        while not self.buffer:
            self.fill()
        return self.buffer[:1]

    def fill(self):
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError('the connection was lost')
        self.buffer += data

    def line(self):
        while b'\r\n' not in self.buffer:
            self.fill()
        line, self.buffer = self.buffer.split(b'\r\n', 1)
        return line

    def parse(self):
        line = self.line()
        kind, rest = line[:1], line[1:]
        if kind in b'$=' and rest != b'-1':
            while len(self.buffer) < int(rest) + 2:
                self.fill()
            value, self.buffer = self.buffer[:int(rest)], self.buffer[int(rest) + 2:]
            return value.decode()
        if kind in b'*>~' and rest != b'-1':
            return [self.parse() for _ in range(int(rest))]
        if kind == b'%':
            return [self.parse() for _ in range(2 * int(rest))]
        if kind == b'-':
            return RuntimeError(rest.decode())
        return int(rest) if kind == b':' else rest.decode() if kind == b'+' else None


class Member:

    def __init__(self, path, prefix, lease, scripts):
        self.blacklist = '{%s}:blacklist' % prefix
        self.channel = self.blacklist + ':news:0'
        self.lease, self.longest = lease, lease
        self.scripts = scripts
        self.memory = {}
        self.id = '%s:%d:%s' % (socket.gethostname()[:32], os.getpid(), secrets.token_urlsafe(9))
        self.epoch, self.applied, self.told, self.early = None, 0, 0, []
        self.until = self.wall_until = 0.0
        self.subscribed = 0
        self.connection = Connection(path, self.take)

    def patience(self):
        return (self.longest * 1.1 + 10) / 1000

    def script(self, name, *args):
        return self.connection.call(*self.command(name, *args))

    def command(self, name, *args):
        keys = [self.blacklist + suffix for suffix in SUFFIXES]
        return ['EVAL', self.scripts[name], len(keys), *keys, *args]

    # Join

    def join(self):
        self.connection.call('HELLO', 3)
        self.connection.socket.sendall(b''.join(b'*2\r\n$9\r\nSUBSCRIBE\r\n$%d\r\n%s\r\n' % (len(name), name.encode()) for name in (self.channel, self.channel + ':' + self.id)))
        while self.subscribed < 2:
            self.connection.read()

        epoch, head, settled, longest = self.script('open', self.channel, secrets.token_urlsafe(12), self.id, '', self.lease)
        opened = time.monotonic()
        self.epoch, self.applied, self.longest = epoch, head, max(self.longest, longest)
        for news in self.early:
            self.count(*news)

        # It has just started, so that it knows nothing which could be missing

        self.watch(lambda restoring: restoring in (None, self.id + ' 0'), self.lease / 2000)
        cursor = '0'
        while True:
            cursor, page = self.connection.call('HSCAN', self.blacklist + ':blocks', cursor, 'COUNT', 1000)
            for entry in ' '.join(page[1::2]).split():
                name, cutoff, _ = entry.split(':')
                self.learn(name, int(cutoff))
            if cursor == '0':
                break

        self.script('restored', epoch, self.id + ' 0')
        self.old_at = 0 if settled else opened + self.patience()
        if not settled:
            self.watch(lambda restoring: False, self.patience())
            self.demand(self.script('settle', epoch))
            self.old_at = 0
        self.confirm()

    def watch(self, is_wanted, seconds):
        """Until `restoring` is as wanted, or has not changed for a time, or the epoch is settled."""
        state, since = None, time.monotonic()
        while True:
            epoch, restoring, settled = self.connection.call('HMGET', self.blacklist + ':log', 'epoch', 'restoring', 'settled')
            self.demand(epoch == self.epoch or None)
            if restoring != state:
                state, since = restoring, time.monotonic()
            if is_wanted(restoring) or settled or time.monotonic() >= since + seconds:
                return
            time.sleep(min(self.lease / 4000, 0.02))

    def demand(self, reply):
        if reply is None:
            raise ConnectionError('the log was begun anew')
        return reply

    # Confirm

    def confirm(self):
        monotonic, wall, applied = time.monotonic(), time.time(), self.applied
        reply = self.script('confirm', self.channel, self.epoch, self.id, applied, 1)
        published, least, longest = self.demand(reply)[:3]
        if published > self.applied:
            raise ConnectionError('news were lost')
        self.longest = max(self.longest, longest)
        self.until, self.wall_until = monotonic + self.lease / 1000, wall + self.lease / 1000
        self.told = max(self.told, least)
        self.confirmed = applied

    def holds_lease(self):
        return time.monotonic() < self.until and time.time() < self.wall_until

    # News

    def take(self, push):
        if push[0] == 'subscribe':
            self.subscribed += 1
        elif push[1] == self.channel:
            epoch, first, last, *fields = push[2].split()
            for name, cutoff in zip(fields[::3], fields[1::3]):
                if first != '0':
                    self.learn(name, int(cutoff))
            news = (epoch, int(first), int(last))
            if self.epoch is None:
                self.early.append(news)
            else:
                self.count(*news)
        else:
            epoch, position = push[2].split()
            if epoch == self.epoch:
                self.told = max(self.told, int(position))

    def learn(self, name, cutoff):
        self.memory[name] = max(cutoff, self.memory.get(name, 0))

    def count(self, epoch, first, last):
        if epoch == self.epoch and first > 0:
            if first > self.applied + 1:
                raise ConnectionError('news were lost')
            self.applied = max(self.applied, last)

    # What it is for

    def check(self, name):
        holds_lease = self.holds_lease()
        if name in self.memory:
            return 'revoked'
        return 'accepted' if holds_lease else 'outage'

    def revoke(self, name):
        is_old = time.monotonic() >= self.old_at
        position, _, least, settled, longest, _ = self.demand(self.script('write', self.channel, self.epoch, self.id, name, FOREVER, 60000, '', '', ''))
        self.longest, self.told = max(self.longest, longest), max(self.told, least)
        out_at = None
        while True:
            if self.applied >= position:
                out_at = out_at or time.monotonic() + self.patience()
                if self.told >= position and self.holds_lease() and (is_old or settled):
                    return
                if time.monotonic() >= out_at:
                    self.confirm()
                    return
            self.wait(0.01)
            self.confirm()

    def wait(self, seconds):
        """Takes what comes within a time."""
        while self.connection.buffer or select.select([self.connection.socket], [], [], seconds)[0]:
            self.connection.read()
            seconds = 0

    def acknowledge(self):
        """As a confirmation, without a reply."""
        self.connection.send('CLIENT', 'REPLY', 'SKIP')
        self.connection.send(*self.command('confirm', self.channel, self.epoch, self.id, self.applied, 'quiet'))
        self.confirmed = self.applied


def main():
    path, prefix, lease = sys.argv[1:]
    member = Member(path, prefix, int(lease), json.loads(sys.stdin.readline()))
    member.join()
    print('joined', flush=True)
    beat = time.monotonic()
    lines = b''
    while True:
        readable = select.select([member.connection.socket, 0], [], [], int(lease) / 4000)[0]
        if member.connection.socket in readable:
            member.wait(0)
            if member.applied > member.confirmed:
                member.acknowledge()
        if time.monotonic() >= beat + int(lease) / 4000:
            beat = time.monotonic()
            member.confirm()
        if 0 in readable:
            data = os.read(0, 65536)
            *commands, lines = (lines + data).split(b'\n')
            for command in commands:
                name, *args = command.decode().split()
                if name == 'check':
                    print(member.check(args[0]), flush=True)
                elif name == 'revoke':
                    member.revoke(args[0])
                    print('done', flush=True)
                else:
                    member.script('leave', member.channel, member.epoch, member.id)
                    print('left', flush=True)
                    return
            if not data:
                return


main()
