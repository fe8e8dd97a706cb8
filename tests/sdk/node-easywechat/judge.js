'use strict';

// node-easywechat, unchanged, against the sandbox through all three doors.

const fs = require('node:fs');
const path = require('node:path');
const { OfficialAccount, ServerRequest } = require('node-easywechat');
const {
  assert, control, browse, agree, today, wait, Account, receive, byHostsFile, Checks, files,
  BASE, PROXY, AES_KEY, TOKEN,
} = require('../node/stage');

const platform = require('./platform');

const held = files();

function application(account, more = {}) {
  return new OfficialAccount({
    app_id: account.appid,
    secret: account.secret,
    token: TOKEN,
    aes_key: AES_KEY,
    use_stable_access_token: true,
    file_cache: { path: fs.mkdtempSync(path.join(held.folder, 'cache-')) },
    ...more,
  });
}

// What an integrator does.
function flows(account, settings, { whole }) {
  const app = application(account, settings);
  const client = app.getClient();
  const get = async (call, params = {}) => (await client.get(call, { params })).toObject();
  const post = async (call, json) => (await client.post(call, { json })).toObject();
  const upload = async (call, file, params = {}, form = {}) =>
    (await client.withFile(file, 'media').post(call, { params, formData: form })).toObject();
  const refused = async (code, promise) => {
    const answer = await promise;
    assert.equal(answer.errcode, code, JSON.stringify(answer));
    assert.match(answer.errmsg, / rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/);
  };
  const done = async (promise) => {
    const answer = await promise;
    assert.ok(!answer.errcode, JSON.stringify(answer));
    return answer;
  };
  const draft = async (comments = 0) => (await done(post('/cgi-bin/draft/add', { articles: [{
    title: '春季新品', content: '<p>三款</p>', need_open_comment: comments,
    thumb_media_id: account.cover_media_id }] }))).media_id;
  const [one, two, three] = account.people;

  const all = {
    async tokens() {
      const token = app.getAccessToken();
      assert.equal(await token.getToken(), await token.getToken());
      const stable = await token.getStableAccessToken();
      assert.equal(stable, await token.getToken());
      assert.notEqual(await token.getAccessToken(), stable);
      await wait(60);
      assert.notEqual(await token.getStableAccessToken(true), stable);
    },
    async 'a dead token answers 40001, and a new one works'() {
      await control('POST', 'faults', { endpoint: '/cgi-bin/user/get', kind: 'token_dead' });
      await refused(40001, get('/cgi-bin/user/get'));
      await app.getAccessToken().getStableAccessToken();
      assert.equal((await get('/cgi-bin/user/get')).total, account.people.length);
    },
    async followers() {
      const page = await get('/cgi-bin/user/get');
      assert.deepEqual([...page.data.openid].sort(), [...account.people].sort());
      const after = await get('/cgi-bin/user/get', { next_openid: page.next_openid });
      assert.deepEqual([after.count, after.data], [0, undefined]);
    },
    async details() {
      const user = await get('/cgi-bin/user/info', { openid: one, lang: 'zh_CN' });
      assert.deepEqual([user.subscribe, user.openid], [1, one]);
      const user_list = [{ openid: one, lang: 'zh_CN' }, { openid: two, lang: 'zh_CN' }];
      const batch = await post('/cgi-bin/user/info/batchget', { user_list });
      assert.deepEqual(batch.user_info_list.map((user) => user.openid), [one, two]);
      await refused(40003, get('/cgi-bin/user/info', { openid: 'oNobody' }));
    },
    async remarks() {
      await done(post('/cgi-bin/user/info/updateremark', { openid: one, remark: '大客户' }));
      assert.equal((await get('/cgi-bin/user/info', { openid: one })).remark, '大客户');
    },
    async tags() {
      const { tag } = await post('/cgi-bin/tags/create', { tag: { name: '会员' } });
      await refused(45157, post('/cgi-bin/tags/create', { tag: { name: '会员' } }));
      const openid_list = [one, two];
      await done(post('/cgi-bin/tags/members/batchtagging', { openid_list, tagid: tag.id }));
      const members = await post('/cgi-bin/user/tag/get', { tagid: tag.id });
      assert.deepEqual([...members.data.openid].sort(), [one, two].sort());
      const { tagid_list } = await post('/cgi-bin/tags/getidlist', { openid: one });
      assert.ok(tagid_list.includes(tag.id));
      await done(post('/cgi-bin/tags/delete', { tag: { id: tag.id } }));
      await refused(45159, post('/cgi-bin/user/tag/get', { tagid: tag.id }));
    },
    async blacklist() {
      await done(post('/cgi-bin/tags/members/batchblacklist', { openid_list: [two] }));
      const listed = await post('/cgi-bin/tags/members/getblacklist', { begin_openid: '' });
      assert.deepEqual(listed.data.openid, [two]);
      await done(post('/cgi-bin/tags/members/batchunblacklist', { openid_list: [two] }));
    },
    async menus() {
      await refused(46003, get('/cgi-bin/menu/get'));
      const button = [{ type: 'click', name: '今日优惠', key: 'PROMO' }];
      await done(post('/cgi-bin/menu/create', { button }));
      const { tag } = await post('/cgi-bin/tags/create', { tag: { name: '菜单' } });
      await done(post('/cgi-bin/tags/members/batchtagging', { openid_list: [one], tagid: tag.id }));
      await done(post('/cgi-bin/menu/addconditional', {
        button: [{ type: 'click', name: '专享', key: 'VIP' }], matchrule: { tag_id: tag.id } }));
      const match = async (user_id) =>
        (await post('/cgi-bin/menu/trymatch', { user_id })).button[0].key;
      assert.deepEqual([await match(one), await match(two)], ['VIP', 'PROMO']);
      await done(get('/cgi-bin/menu/delete'));
      await refused(46003, get('/cgi-bin/menu/get'));
    },
    async 'QR codes and short keys'() {
      const made = await done(post('/cgi-bin/qrcode/create', { expire_seconds: 1800,
        action_name: 'QR_STR_SCENE', action_info: { scene: { scene_str: 'campaign-7' } } }));
      assert.equal(made.expire_seconds, 1800);
      const { short_key } = await done(post('/cgi-bin/shorten/gen',
        { long_data: 'loooooong data', expire_seconds: 86400 }));
      const fetched = await done(post('/cgi-bin/shorten/fetch', { short_key }));
      assert.equal(fetched.long_data, 'loooooong data');
    },
    async media() {
      const image = await done(upload('/cgi-bin/media/upload', held.image, { type: 'image' }));
      const back = await client.get('/cgi-bin/media/get',
        { params: { media_id: image.media_id }, responseType: 'arraybuffer' });
      assert.deepEqual(back.getContent(), held.png);
      assert.match(back.getHeader('content-disposition'), /filename="/);
      const { url } = await done(upload('/cgi-bin/media/uploadimg', held.image));
      assert.match(url, /^http:\/\/mmbiz\.qpic\.cn\//);
      await refused(40007, get('/cgi-bin/media/get', { media_id: 'nothing' }));
    },
    async material() {
      const film = await done(upload('/cgi-bin/material/add_material', held.film, { type: 'video' },
        { description: JSON.stringify({ title: '片', introduction: '简介' }) }));
      const told = await post('/cgi-bin/material/get_material', { media_id: film.media_id });
      assert.deepEqual([told.title, told.description], ['片', '简介']);
      assert.equal((await get('/cgi-bin/material/get_materialcount')).video_count, 1);
      const list = { type: 'video', offset: 0, count: 20 };
      const listed = await post('/cgi-bin/material/batchget_material', list);
      assert.equal(listed.item[0].media_id, film.media_id);
      await done(post('/cgi-bin/material/del_material', { media_id: film.media_id }));
    },
    async 'drafts and publications'() {
      const media_id = await draft();
      const read = await post('/cgi-bin/draft/get', { media_id });
      assert.equal(read.news_item[0].title, '春季新品');
      assert.equal((await get('/cgi-bin/draft/count')).total_count, 1);
      const { publish_id } = await done(post('/cgi-bin/freepublish/submit', { media_id }));
      await wait(30);
      const told = await done(post('/cgi-bin/freepublish/get', { publish_id }));
      assert.equal(told.publish_status, 0);
      const read_article = await done(
        post('/cgi-bin/freepublish/getarticle', { article_id: told.article_id }));
      assert.equal(read_article.news_item[0].title, '春季新品');
      await refused(40007, post('/cgi-bin/draft/get', { media_id }));
    },
    async 'former articles are withdrawn'() {
      const articles = [{ title: '春季新品', content: '<p>三款</p>',
        thumb_media_id: account.cover_media_id }];
      for (const call of ['material/add_news', 'media/uploadnews']) {
        await refused(45103, post(`/cgi-bin/${call}`, { articles }));
      }
      const change = { media_id: account.cover_media_id, index: 0, articles: articles[0] };
      await refused(45103, post('/cgi-bin/material/update_news', change));
    },
    async 'agents and talks'() {
      const kf_account = `anna@${account.wechat_id}`;
      const talk = { kf_account, openid: two };
      await done(post('/customservice/kfaccount/add', { kf_account, nickname: '小安' }));
      await refused(65406, post('/customservice/kfaccount/add', { kf_account, nickname: '小安' }));
      await done(upload('/customservice/kfaccount/uploadheadimg', held.image, { kf_account }));
      const { kf_list } = await get('/cgi-bin/customservice/getkflist');
      assert.deepEqual(kf_list.map((agent) => agent.kf_account), [kf_account]);
      await refused(65415, post('/customservice/kfsession/create', talk));
      await control('POST', `${account.path}/agents/${kf_account}/online`, {});
      await done(post('/customservice/kfsession/create', talk));
      const session = await get('/customservice/kfsession/getsession', { openid: two });
      assert.equal(session.kf_account, kf_account);
      await done(post('/customservice/kfsession/close', talk));
      await refused(65413, post('/customservice/kfsession/close', talk));
      await done(post('/customservice/kfaccount/del', { kf_account }));
      await refused(65401, get('/customservice/kfsession/getsessionlist', { kf_account }));
    },
    async 'mass messages'() {
      const { tag } = await post('/cgi-bin/tags/create', { tag: { name: '群发' } });
      await done(post('/cgi-bin/tags/members/batchtagging',
        { openid_list: [one, two], tagid: tag.id }));
      const text = { filter: { is_to_all: false, tag_id: tag.id }, msgtype: 'text',
        text: { content: '今晚八点上新' }, clientmsgid: 'to-a-tag' };
      const sent = await done(post('/cgi-bin/message/mass/sendall', text));
      await wait(60);
      const state = (msg_id) => post('/cgi-bin/message/mass/get', { msg_id });
      assert.equal((await state(sent.msg_id)).msg_status, 'SEND_SUCCESS');
      assert.ok((await account.received(one)).includes(String(sent.msg_id)));
      await refused(45065, post('/cgi-bin/message/mass/sendall', text));
      const article = await done(post('/cgi-bin/message/mass/send', { touser: [one, two, three],
        msgtype: 'mpnews', mpnews: { media_id: await draft() }, send_ignore_reprint: 1 }));
      await wait(60);
      assert.ok((await account.received(three)).includes(String(article.msg_id)));
      await done(post('/cgi-bin/message/mass/delete', { msg_id: article.msg_id }));
      assert.equal((await state(article.msg_id)).msg_status, 'DELETE');
      await done(post('/cgi-bin/message/mass/preview',
        { touser: one, msgtype: 'text', text: { content: '看看' } }));
      const { speed, realspeed } = await done(post('/cgi-bin/message/mass/speed/get', {}));
      assert.ok(realspeed >= speed);
    },
    async 'template messages'() {
      const { template_id } = await done(post('/cgi-bin/template/api_add_template',
        { template_id_short: '43216', keyword_name_list: ['活动名称', '开始时间'] }));
      const words = { thing1: { value: '秋季上新' }, time2: { value: '2026年1月1日 10:00' } };
      const send = (data) => post('/cgi-bin/message/template/send',
        { touser: one, template_id, url: 'https://shop.example.com/', data });
      await done(send(words));
      await wait(5);
      assert.match((await account.notices(one)).at(-1), /秋季上新/);
      await refused(47003, send({ ...words, thing1: { value: '长'.repeat(21) } }));
    },
    async 'subscription notices'() {
      const added = await done(post('/wxaapi/newtmpl/addtemplate',
        { tid: '401', kidList: [1, 2], sceneDesc: '到货' }));
      const [held_one] = (await done(get('/wxaapi/newtmpl/gettemplate'))).data;
      const data = {};
      for (const [, key] of held_one.content.matchAll(/\{\{(\w+)\.DATA\}\}/g)) {
        data[key] = { value: key.startsWith('date') ? '2026年3月5日' : '面膜' };
      }
      const send = () => post('/cgi-bin/message/subscribe/bizsend',
        { touser: two, template_id: added.priTmplId, data });
      await refused(43101, send());
      await account.does(two, 'prompt', { templates: { [added.priTmplId]: 'accept' } });
      await done(send());
      await refused(43101, send());
    },
    async 'one-time subscriptions'() {
      const send = () => post('/cgi-bin/message/template/subscribe', { touser: two, scene: '1000',
        template_id: account.one_time_template_id, title: '补货通知',
        url: 'https://shop.example.com/x', data: { content: { value: '已到货' } } });
      await refused(43101, send());
      await account.does(two, 'confirm', { scene: '1000' });
      await done(send());
    },
    async 'customer messages'() {
      const send = (content) => post('/cgi-bin/message/custom/send',
        { touser: three, msgtype: 'text', text: { content } });
      await refused(45015, send('您好'));
      await account.does(three, 'write', { content: '在吗' });
      await done(post('/cgi-bin/message/custom/typing', { touser: three, command: 'Typing' }));
      for (const nth of [1, 2, 3, 4, 5]) await done(send(`第${nth}条`));
      await refused(45047, send('第六条'));
    },
    async tickets() {
      const ticket = await app.getTicket().getTicket();
      const config = await app.getUtils().buildJsSdkConfig('https://shop.example.com/', []);
      const { nonceStr, timestamp, signature, url } = config;
      const text = `jsapi_ticket=${ticket}&noncestr=${nonceStr}&timestamp=${timestamp}&url=${url}`;
      const sha1 = require('node:crypto').createHash('sha1').update(text).digest('hex');
      assert.equal(signature, sha1);
    },
    async comments() {
      const touser = account.people.slice(5, 7);
      const sent = await done(post('/cgi-bin/message/mass/send',
        { touser, msgtype: 'mpnews', mpnews: { media_id: await draft(1) } }));
      await wait(60);
      const article = { msg_data_id: sent.msg_data_id, index: 0 };
      const where = `${account.path}/articles/${sent.msg_data_id}/0/comments`;
      await control('POST', where, { openid: touser[0], content: '好看' });
      const list = await done(post('/cgi-bin/comment/list',
        { ...article, begin: 0, count: 50, type: 0 }));
      assert.equal(list.comment[0].content, '好看');
    },
    async quotas() {
      const { quota } = await done(post('/cgi-bin/openapi/quota/get',
        { cgi_path: '/cgi-bin/user/info' }));
      assert.ok(quota.used > 0 && quota.remain < quota.daily_limit);
      await done(post('/cgi-bin/clear_quota', { appid: account.appid }));
    },
    async 'busy and slow down'() {
      for (const [kind, code] of [['system_error', -1], ['minute_quota', 45011]]) {
        await control('POST', 'faults', { endpoint: '/cgi-bin/user/get', kind });
        await refused(code, get('/cgi-bin/user/get'));
      }
    },
    async 'encrypted callbacks'() {
      const seen = [];
      const url = await receive(async (request, body) => {
        app.setRequest(await ServerRequest.createFromIncomingMessage(request, Buffer.from(body)));
        const server = app.getServer();
        server.handlers = [];
        server.with(async (message) => {
          seen.push({ ...message.attributes });
          return message.MsgType === 'text' ? '收到' : 'success';
        });
        return (await server.serve()).getBody().toString();
      });
      for (const mode of ['safe', 'plain']) {
        await account.listen(url, mode);
        await account.does(one, 'write', { content: `在吗 <${mode}> & 再见` });
        const last = seen.at(-1);
        assert.equal(last.Content, `在吗 <${mode}> & 再见`, JSON.stringify(last));
        assert.equal(last.FromUserName, one);
      }
      await account.does(two, 'leave');
      assert.deepEqual([seen.at(-1).Event, seen.at(-1).FromUserName], ['unsubscribe', two]);
      await account.does(two, 'follow');
      const attempts = await control('GET', `${account.path}/callbacks`);
      assert.ok(attempts.every((attempt) => attempt.taken), JSON.stringify(attempts));
    },
    async statistics() {
      const day = await today(true);
      // The SDK keeps its token by the machine's clock and does not ask again by itself.
      await app.getAccessToken().getStableAccessToken();
      const span = { begin_date: day, end_date: day };
      const { list } = await done(post('/datacube/getusercumulate', span));
      assert.equal(list[0].cumulate_user, (await get('/cgi-bin/user/get')).total);
      const written = await done(post('/datacube/getupstreammsg', span));
      assert.ok(written.list[0].msg_count >= 3, JSON.stringify(written));
      const pushed = await done(post('/datacube/getinterfacesummary', span));
      assert.ok(pushed.list[0].callback_count >= 3, JSON.stringify(pushed));
      const articles = await done(post('/datacube/getarticletotaldetail', span));
      assert.ok(articles.list.some((row) => row.title === '春季新品'), JSON.stringify(articles));
      await refused(47009, post('/datacube/getarticlesummary', span));
    },
    'a third-party platform': () => platform({ account, held, settings }),
  };
  // The SDK signs people in at addresses that are written into it.
  if (whole) {
    all['signing in to web pages'] = async () => {
      await control('PUT', `${account.path}/oauth`, { domain: 'shop.example.com', strict: false });
      const oauth = () => app.getOAuth().withState('S7');
      const back = 'https://shop.example.com/member';
      const sent = await browse(oauth().scopes('snsapi_base').redirect(back), { person: one });
      assert.equal(sent.state, 'S7');
      const base = await oauth().scopes('snsapi_base').userFromCode(sent.code);
      assert.equal(base.getId(), one);
      const agreed = await agree(oauth().scopes('snsapi_userinfo').redirect(back), { person: one });
      const user = await oauth().scopes('snsapi_userinfo').userFromCode(agreed.code);
      assert.ok(user.getId() === one && user.getNickname(), JSON.stringify(user));
    };
  }
  return all;
}

async function main() {
  const checks = new Checks();
  const name = 'node-easywechat';

  let account = await Account.make(301);
  const base = { http: { baseURL: `${BASE}/` } };
  await checks.all(`${name} · base address`, flows(account, base, { whole: false }));

  account = await Account.make(302);
  const leave = byHostsFile();
  await checks.all(`${name} · TLS`, flows(account, {}, { whole: true }));
  leave();

  account = await Account.make(303);
  process.env.HTTPS_PROXY = PROXY;
  await checks.all(`${name} · proxy`, flows(account, {}, { whole: true }));

  held.remove();
  checks.end();
}

main().catch((error) => {
  console.log(`FAIL node-easywechat\n    ${error.stack}`);
  process.exit(1);
});
