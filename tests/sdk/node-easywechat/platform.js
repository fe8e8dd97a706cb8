'use strict';

// A third-party platform, and what it does for an account that authorised it.

const fs = require('node:fs');
const path = require('node:path');
const { OpenPlatform, ServerRequest } = require('node-easywechat');
const { assert, control, agree, wait, receive, AES_KEY } = require('../node/stage');

const SETS = ['1', '2', '7'];

// A receiver that hands each push to the SDK's server of `of()`.
function serve(of) {
  return receive(async (request, body) => {
    const app = of();
    app.setRequest(await ServerRequest.createFromIncomingMessage(request, Buffer.from(body)));
    return (await app.server().serve()).getBody().toString();
  });
}

module.exports = async ({ account, held, settings }) => {
  // Known beforehand: the first ticket comes while the platform is being made.
  const own = { appid: `wx${String(account.seed).padStart(16, '0')}`, secret: 'c'.repeat(32) };
  const config = {
    app_id: own.appid,
    secret: own.secret,
    token: 'platformtoken',
    aes_key: AES_KEY,
    file_cache: { path: fs.mkdtempSync(path.join(held.folder, 'platform-')) },
    ...settings,
  };
  const told = [];
  const platform = new OpenPlatform(config);
  const events = await serve(() => {
    const app = new OpenPlatform(config);
    return {
      setRequest: (request) => app.setRequest(request),
      server: () => app.getServer().with((message, next) => {
        told.push({ ...message.attributes });
        return next(message);
      }),
    };
  });
  let merchant;
  const messages = [];
  const inbox = await serve(() => ({
    setRequest: (request) => merchant.setRequest(request),
    server: () => {
      const server = merchant.getServer();
      server.handlers = [];
      return server.with((message) => {
        messages.push({ ...message.attributes });
        return '平台收到';
      });
    },
  }));
  await control('POST', 'components', {
    ...own, token: config.token, encoding_aes_key: AES_KEY, event_url: events,
    message_url: `${inbox}/$APPID$`, domain: 'saas.example.com' });
  assert.equal(told.at(-1).InfoType, 'component_verify_ticket');

  const page = await platform.createPreAuthorizationUrl('https://saas.example.com/done');
  const back = await agree(page, { appid: account.appid, set: SETS });
  assert.deepEqual([told.at(-1).InfoType, told.at(-1).AuthorizationCode],
    ['authorized', back.auth_code]);
  const authorization = await platform.getAuthorization(back.auth_code);
  assert.equal(authorization.getAppId(), account.appid);
  await assert.rejects(platform.getAuthorization(back.auth_code), /61009/);

  // Its class asks for a secret that a merchant never gives away.
  const more = () => ({ secret: '', file_cache: config.file_cache });
  const client = () => merchant.getClient();
  merchant = platform.getOfficialAccount(authorization.getAccessToken(), more());
  const followers = async () => (await client().get('/cgi-bin/user/get')).toObject();
  const { total } = await followers();
  assert.equal(total, account.people.length);
  const menu = { button: [{ type: 'click', name: '优惠', key: 'PROMO' }] };
  const refused = (await client().post('/cgi-bin/menu/create', { json: menu })).toObject();
  assert.equal(refused.errcode, 61007, JSON.stringify(refused));

  const [person] = account.people;
  await account.does(person, 'write', { content: '找平台' });
  assert.deepEqual([messages.at(-1).Content, messages.at(-1).FromUserName], ['找平台', person]);
  assert.match((await account.notices(person)).at(-1), /平台收到/);

  // The SDK keeps its tokens by the machine's clock; the sandbox's went on.
  await wait(3 * 3600);
  assert.equal((await followers()).errcode, 42001);
  await platform.getComponentAccessToken().refresh();
  merchant = await platform.getOfficialAccountWithRefreshToken(
    account.appid, authorization.getRefreshToken(), more());
  assert.equal((await followers()).total, total);

  await control('POST', `components/${own.appid}/authorizers/${account.appid}/withdraw`, {});
  assert.deepEqual([told.at(-1).InfoType, told.at(-1).AuthorizerAppid],
    ['unauthorized', account.appid]);
  assert.equal((await followers()).errcode, 61003);
};
