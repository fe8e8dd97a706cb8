'use strict';

// What the flows stand on: the sandbox's control calls, a receiver of callbacks, and the doors.
// The SDKs themselves are never touched; what they go through is set from outside.

const assert = require('node:assert/strict');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const querystring = require('node:querystring');
const tls = require('node:tls');

const BASE = process.env.SANDBOX_URL;
const TLS_PORT = Number(process.env.SANDBOX_TLS.split(':').pop());
const PROXY = process.env.SANDBOX_PROXY;
const AES_KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
const TOKEN = 'callbacktoken';

// Past every agent and every proxy: the sandbox's own address, on a connection of its own.
const direct = new http.Agent({ keepAlive: false });
direct.createConnection = (options, done) =>
  net.connect({ host: options.host, port: options.port }, done);

function ask(method, address, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(address, { method, agent: direct }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve([answer.statusCode, Buffer.concat(parts).toString()]));
    });
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

async function control(method, where, body) {
  const [status, text] = await ask(method, `${BASE}/sandbox/${where}`, body);
  if (status >= 300) throw new Error(`${method} /sandbox/${where}: ${status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}

// What a browser does with a page of the platform's; says where it is sent. The person's WeChat
// passes the page by itself, or a form of the page is sent.
function browse(address, { person, form }) {
  const page = new URL(address);
  const holder = form ? '' : `&person=${person}`;
  return new Promise((resolve, reject) => {
    const url = `${BASE}${page.pathname}${page.search}${holder}`;
    const options = { method: form ? 'POST' : 'GET', agent: direct };
    const request = http.request(url, options, (answer) => {
      answer.resume();
      if (answer.statusCode !== 302) reject(new Error(`${url}: ${answer.statusCode}`));
      else resolve(Object.fromEntries(new URL(answer.headers.location).searchParams));
    });
    request.on('error', reject);
    request.end(form && querystring.stringify(form));
  });
}

const agree = (address, form) => browse(address, { form: { ...form, decision: 'agree' } });

// The day of the sandbox's clock in China; with `move`, after going to half past eight of the next.
async function today(move) {
  const { now } = await control('GET', 'clock');
  const day = new Date((now + 8 * 3600) * 1000).toISOString().slice(0, 10);
  if (move) {
    const morning = Date.parse(`${day}T08:30:00+08:00`) / 1000 + 86400;
    await control('POST', 'clock', { to: morning });
  }
  return day;
}

async function wait(seconds) {
  const { now } = await control('GET', 'clock');
  await control('POST', 'clock', { to: now + seconds });
}

// An account of the sandbox and its people.
class Account {
  static async make(seed, more = {}) {
    const own = { seed, wechat_id: `shop${seed}` };
    const made = await control('POST', 'accounts', { followers: 30, ...own, ...more });
    const account = Object.assign(new Account(), own, made);
    account.path = `accounts/${made.appid}`;
    const page = await control('GET', `${account.path}/followers?limit=1000`);
    account.people = page.followers.filter((one) => one.following).map((one) => one.openid);
    return account;
  }

  does(openid, act, body = {}) {
    return control('POST', `${this.path}/followers/${openid}/${act}`, body);
  }

  async received(openid) {
    const person = await control('GET', `${this.path}/followers/${openid}`);
    return person.received.map((message) => String(message.msg_id));
  }

  async notices(openid) {
    const person = await control('GET', `${this.path}/followers/${openid}`);
    return person.notices.map((notice) => notice.text);
  }

  listen(url, mode = 'safe') {
    const body = { url, token: TOKEN, encoding_aes_key: AES_KEY, mode };
    return control('PUT', `${this.path}/callback`, body);
  }
}

// Takes callbacks: `answer(request, body)` gives the text to answer with.
async function receive(answer) {
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part));
    request.on('end', async () => {
      try {
        response.end(await answer(request, Buffer.concat(parts).toString()));
      } catch (error) {
        response.statusCode = 500;
        response.end(String(error));
      }
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  server.unref();
  return `http://127.0.0.1:${server.address().port}/callback`;
}

// Plays an entry of the hosts file: the platform's names lead to the sandbox, 443 to its TLS
// address and 80 to its base address. Gives back how to take it away again.
function byHostsFile() {
  const platform = (options) => /\.(weixin|wx)\.qq\.com$/.test(options.host || '');
  const kept = [http.Agent.prototype.createConnection, https.Agent.prototype.createConnection];
  http.Agent.prototype.createConnection = function (options, done) {
    if (!platform(options)) return kept[0].call(this, options, done);
    return net.connect({ host: '127.0.0.1', port: Number(new URL(BASE).port) }, done);
  };
  https.Agent.prototype.createConnection = function (options, done) {
    if (!platform(options)) return kept[1].call(this, options, done);
    const { host } = options;
    return tls.connect({ host: '127.0.0.1', port: TLS_PORT, servername: host }, done);
  };
  return () => {
    [http.Agent.prototype.createConnection, https.Agent.prototype.createConnection] = kept;
  };
}

// Runs flows one after the other and says what came of each, a line a check.
class Checks {
  constructor() {
    this.failed = 0;
  }

  async run(name, check) {
    try {
      await check();
      console.log(`PASS ${name}`);
    } catch (error) {
      this.failed += 1;
      console.log(`FAIL ${name}\n    ${String(error.stack).replaceAll('\n', '\n    ')}`);
    }
  }

  async all(prefix, flows) {
    for (const [name, flow] of Object.entries(flows)) {
      await this.run(`${prefix} · ${name}`, flow);
    }
  }

  // Idle connections of the SDKs must not keep the program alive.
  end() {
    process.exitCode = this.failed > 0 ? 1 : 0;
    process.stdout.write('', () => process.exit());
  }
}

// Small files of the kinds the platform takes, as paths.
function files() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fourcast-judge-'));
  const file = (name, bytes) => {
    const place = path.join(folder, name);
    fs.writeFileSync(place, bytes);
    return place;
  };
  const png = Buffer.from('\x89PNG\r\n\x1a\n0000', 'latin1');
  return {
    folder,
    png,
    image: file('a.png', png),
    thumb: file('a.jpg', Buffer.from('\xff\xd8\xff0000', 'latin1')),
    film: file('a.mp4', Buffer.from('\0\0\0\x18ftypmp420000', 'latin1')),
    remove: () => fs.rmSync(folder, { recursive: true }),
  };
}

module.exports = {
  assert, ask, control, browse, agree, today, wait, Account, receive, byHostsFile, Checks, files,
  BASE, PROXY, AES_KEY, TOKEN,
};
