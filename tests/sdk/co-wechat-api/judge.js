'use strict';

// co-wechat-api, unchanged, against the sandbox through all three doors, with co-wechat, its
// sister, to take the callbacks.

const WechatAPI = require('co-wechat-api');
const wechat = require('co-wechat');
const OAuth = require('co-wechat-oauth');
const HttpsProxyAgent = require('https-proxy-agent');
const {
  assert, control, browse, agree, today, wait, Account, receive, byHostsFile, Checks, files,
  BASE, PROXY, AES_KEY, TOKEN,
} = require('../node/stage');

const held = files();

async function refused(code, promise) {
  const answer = await promise.then((value) => value, (error) => error);
  assert.equal(answer.code, code, `expected ${code}, got ${answer.code} ${answer}`);
  assert.match(answer.message, / rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}$/);
}

// What an integrator does. `plain` says whether plain http to the former file server works, and
// `whole` whether the SDK's absolute addresses lead to the sandbox.
function flows(account, api, { plain, whole }) {
  const draft = async (comments = 0) => {
    // The SDK is older than drafts; its own request serves.
    const { accessToken } = await api.ensureAccessToken();
    const articles = [{ title: '春季新品', content: '<p>三款</p>', need_open_comment: comments,
      thumb_media_id: account.cover_media_id }];
    const body = { method: 'POST', data: JSON.stringify({ articles }) };
    const url = `${api.prefix}draft/add?access_token=${accessToken}`;
    return (await api.request(url, body)).media_id;
  };
  const post = async (call, data) => {
    const { accessToken } = await api.ensureAccessToken();
    const url = `${api.prefix}${call}?access_token=${accessToken}`;
    return api.request(url, { method: 'POST', data: JSON.stringify(data) });
  };
  const [one, two, three] = account.people;

  const all = {
    async tokens() {
      const token = await api.getAccessToken();
      assert.ok(token.isValid());
      assert.equal((await api.ensureAccessToken()).accessToken, token.accessToken);
      // A secret of the right shape answers 40001 (`platform/02 §1`), upon which the SDK asks for
      // a token for ever; one of another shape does not.
      await refused(40125, new WechatAPITo(api, account.appid, 'no secret').getAccessToken());
    },
    async 'a dead token is refreshed and the call repeated'() {
      await control('POST', 'faults', { endpoint: '/cgi-bin/user/get', kind: 'token_dead' });
      const before = (await api.ensureAccessToken()).accessToken;
      assert.equal((await api.getFollowers()).total, account.people.length);
      assert.notEqual((await api.ensureAccessToken()).accessToken, before);
    },
    async followers() {
      const page = await api.getFollowers();
      assert.deepEqual([...page.data.openid].sort(), [...account.people].sort());
      assert.equal((await api.getFollowers(page.next_openid)).count, 0);
    },
    async details() {
      const user = await api.getUser({ openid: one, lang: 'zh_CN' });
      assert.deepEqual([user.subscribe, user.openid], [1, one]);
      const batch = await api.batchGetUsers([one, two]);
      assert.deepEqual(batch.user_info_list.map((user) => user.openid), [one, two]);
      await refused(40003, api.getUser('oNobody'));
    },
    async remarks() {
      await api.updateRemark(one, '大客户');
      assert.equal((await api.getUser(one)).remark, '大客户');
    },
    async tags() {
      const { tag } = await api.createTags('会员');
      await refused(45157, api.createTags('会员'));
      await api.batchTagging([one, two, three], tag.id);
      const members = await api.getUsersFromTag(tag.id);
      assert.deepEqual([...members.data.openid].sort(), [one, two, three].sort());
      assert.ok((await api.getIdList(one)).tagid_list.includes(tag.id));
      await api.updateTag(tag.id, '老会员');
      await api.batchUnTagging([one], tag.id);
      assert.ok(!(await api.getIdList(one)).tagid_list.includes(tag.id));
      const listed = (await api.getTags()).tags.find((entry) => entry.id === tag.id);
      assert.deepEqual([listed.name, listed.count], ['老会员', 2]);
      await api.deleteTag(tag.id);
      await refused(45159, api.batchTagging([one], tag.id));
    },
    async groups() {
      const { group } = await api.createGroup('分组');
      await api.moveUserToGroup(one, group.id);
      assert.equal((await api.getWhichGroup(one)).groupid, group.id);
      await api.moveUsersToGroup([two, three], group.id);
      await api.updateGroup(group.id, '改名');
      const { groups } = await api.getGroups();
      assert.equal(groups.find((entry) => entry.id === group.id).count, 3);
      await api.removeGroup(group.id);
    },
    async menus() {
      await refused(46003, api.getMenu());
      await api.createMenu({ button: [
        { type: 'click', name: '今日优惠', key: 'PROMO' },
        { name: '服务', sub_button: [
          { type: 'view', name: '官网', url: 'https://shop.example.com/' }] }] });
      assert.equal((await api.getMenu()).menu.button[1].sub_button[0].type, 'view');
      assert.equal((await api.getMenuConfig()).is_menu_open, 1);
      const { tag } = await api.createTags('菜单');
      await api.batchTagging([one], tag.id);
      const { menuid } = await api.addConditionalMenu({
        button: [{ type: 'click', name: '专享', key: 'VIP' }],
        matchrule: { tag_id: String(tag.id) } });
      assert.equal((await api.tryConditionalMenu(one)).button[0].key, 'VIP');
      assert.equal((await api.tryConditionalMenu(two)).button[0].key, 'PROMO');
      await api.delConditionalMenu(menuid);
      await api.removeMenu();
      await refused(46003, api.getMenu());
      await api.deleteTag(tag.id);
    },
    async 'automatic replies'() {
      assert.ok('is_autoreply_open' in await api.getAutoreply());
    },
    async 'QR codes'() {
      const made = await api.createTmpQRCode('campaign-7', 1800);
      assert.equal(made.expire_seconds, 1800);
      const lasting = await api.createLimitQRCode(42);
      assert.equal(lasting.expire_seconds, undefined);
      assert.match(api.showQRCodeURL(made.ticket), /showqrcode\?ticket=gQ/);
      const picture = await api.request(api.showQRCodeURL(encodeURIComponent(made.ticket)));
      assert.deepEqual(picture.subarray(0, 4), held.png.subarray(0, 4));
      await assert.rejects(api.request(api.showQRCodeURL('nothing')), /status code: 404/);
      await control('POST', `${account.path}/followers`, { ticket: made.ticket });
      const { data } = await api.getFollowers();
      account.people = data.openid;
      const user = await api.getUser(data.openid.at(-1));
      assert.equal(user.qr_scene_str, 'campaign-7');
    },
    async 'short addresses are withdrawn'() {
      await refused(45103, api.shorturl('https://shop.example.com/'));
    },
    async addresses() {
      assert.deepEqual((await api.getIp()).ip_list, ['127.0.0.1']);
    },
    async media() {
      const image = await api.uploadMedia(held.image, 'image');
      assert.deepEqual(await api.getMedia(image.media_id), held.png);
      const thumb = await api.uploadMedia(held.thumb, 'thumb');
      assert.ok(thumb.thumb_media_id);
      const bytes = await api.uploadMedia(held.png, 'image', '新品.png', 'image/png');
      assert.deepEqual(await api.getMedia(bytes.media_id), held.png);
      const { url } = await api.uploadImage(held.image);
      assert.match(url, /^http:\/\/mmbiz\.qpic\.cn\//);
      await refused(40007, api.getMedia('nothing'));
    },
    async material() {
      const image = await api.uploadMaterial(held.image, 'image');
      assert.deepEqual(await api.getMaterial(image.media_id), held.png);
      const film = await api.uploadVideoMaterial(held.film, { title: '片', introduction: '简介' });
      assert.equal((await api.getMaterial(film.media_id)).title, '片');
      assert.deepEqual(
        (({ image_count, video_count }) => [image_count, video_count])(await api.getMaterialCount()),
        [2, 1]);
      assert.equal((await api.getMaterials('image', 0, 20)).item[0].media_id, image.media_id);
      await api.removeMaterial(image.media_id);
      await refused(40007, api.getMaterial(image.media_id));
    },
    async 'drafts and publications'() {
      const media_id = await draft();
      assert.equal((await post('draft/get', { media_id })).news_item[0].title, '春季新品');
      const { publish_id } = await post('freepublish/submit', { media_id });
      await wait(30);
      assert.equal((await post('freepublish/get', { publish_id })).publish_status, 0);
      await refused(40007, post('draft/get', { media_id }));
    },
    async 'former articles are withdrawn'() {
      const articles = [{ title: '春季新品', content: '<p>三款</p>',
        thumb_media_id: account.cover_media_id }];
      await refused(45103, api.uploadNews({ articles }));
      await refused(45103, api.uploadNewsMaterial({ articles }));
      const media_id = account.cover_media_id;
      await refused(45103, api.updateNewsMaterial({ media_id, index: 0, articles: articles[0] }));
    },
    async 'a mass text to a tag'() {
      const { tag } = await api.createTags('群发');
      await api.batchTagging([one, two], tag.id);
      const sent = await api.massSendText('今晚八点上新', tag.id, 'to-a-tag');
      await wait(60);
      const status = await api.getMassMessageStatus(sent.msg_id);
      assert.equal(status.msg_status, 'SEND_SUCCESS');
      assert.ok((await account.received(one)).includes(String(sent.msg_id)));
      assert.ok(!(await account.received(three)).includes(String(sent.msg_id)));
      await refused(45065, api.massSendText('又来', tag.id, 'to-a-tag'));
    },
    async 'a mass article to a list and its deletion'() {
      const sent = await api.massSendNews(await draft(), [one, two], 'an-article', 1);
      await wait(60);
      assert.ok((await account.received(two)).includes(String(sent.msg_id)));
      await api.deleteMass(sent.msg_id);
      assert.equal((await api.getMassMessageStatus(sent.msg_id)).msg_status, 'DELETE');
      await refused(40130, api.massSendText('一个人不成群', [one]));
    },
    async previews() {
      const before = await account.received(one);
      await api.previewText(one, '看看');
      await api.previewNews(one, await draft());
      assert.deepEqual(await account.received(one), before);
    },
    async 'template messages'() {
      await api.setIndustry({ industry_id1: '1', industry_id2: '4' });
      const added = await post('template/api_add_template', {
        template_id_short: '43216', keyword_name_list: ['活动名称', '开始时间'] });
      const id = added.template_id;
      const { template_list } = await api.getAllPrivateTemplate();
      assert.ok(template_list.some((entry) => entry.template_id === id));
      const words = { thing1: { value: '秋季上新' }, time2: { value: '2026年1月1日 10:00' } };
      const sent = await api.sendTemplate(one, id, 'https://shop.example.com/', '#FF0000', words);
      assert.ok(sent.msgid);
      await wait(5);
      assert.match((await account.notices(one)).at(-1), /秋季上新/);
      await refused(47003, api.sendTemplate(one, id, '', '', { thing1: { value: '长'.repeat(21) } }));
      await api.delPrivateTemplate(id);
      await refused(40037, api.sendTemplate(one, id, '', '', words));
    },
    async 'subscription notices'() {
      const base = api.prefix.replace('cgi-bin/', 'wxaapi/newtmpl/');
      const { accessToken } = await api.ensureAccessToken();
      const body = { tid: '401', kidList: [1], sceneDesc: '到货' };
      body.kidList.push(2);
      const added = await api.request(`${base}addtemplate?access_token=${accessToken}`,
        { method: 'POST', data: JSON.stringify(body) });
      const list = await api.request(`${base}gettemplate?access_token=${accessToken}`, {});
      const words = {};
      for (const [, key] of list.data[0].content.matchAll(/\{\{(\w+)\.DATA\}\}/g)) {
        words[key] = { value: key.startsWith('date') ? '2026年3月5日' : '面膜' };
      }
      const notice = { touser: two, template_id: added.priTmplId, data: words };
      await refused(43101, post('message/subscribe/bizsend', notice));
      await account.does(two, 'prompt', { templates: { [added.priTmplId]: 'accept' } });
      await post('message/subscribe/bizsend', notice);
      await wait(5);
      assert.match((await account.notices(two)).at(-1), /面膜/);
      await refused(43101, post('message/subscribe/bizsend', notice));
    },
    async 'one-time subscriptions'() {
      const send = () => api.sendSubscribe(three, account.one_time_template_id,
        'https://shop.example.com/x', undefined, '1000', '补货通知',
        { content: { value: '您关注的商品已到货' } });
      await refused(43101, send());
      await account.does(three, 'confirm', { scene: '1000' });
      await send();
      await refused(43101, send());
    },
    async 'customer messages'() {
      await refused(45015, api.sendText(three, '您好'));
      await account.does(three, 'write', { content: '在吗' });
      await api.sendText(three, '在的');
      const image = await api.uploadMedia(held.image, 'image');
      await api.sendImage(three, image.media_id);
      await api.sendNews(three, [{ title: '新品', description: '三款',
        url: 'https://shop.example.com/', picurl: 'https://shop.example.com/a.jpg' }]);
      await api.sendMpNews(three, await draft());
      await api.sendText(three, '还有一条');
      await refused(45047, api.sendText(three, '第六条'));
    },
    async tickets() {
      const ticket = await api.ensureTicket();
      assert.equal((await api.getLatestTicket()).ticket, ticket.ticket);
      const config = await api.getJsConfig({ url: 'https://shop.example.com/', jsApiList: [] });
      assert.match(config.signature, /^[0-9a-f]{40}$/);
      assert.notEqual((await api.getTicket('wx_card')).ticket, ticket.ticket);
    },
    async comments() {
      const sent = await api.massSendNews(await draft(1), account.people.slice(5, 7));
      await wait(60);
      const article = { msg_data_id: sent.msg_data_id, index: 0 };
      const where = `${account.path}/articles/${sent.msg_data_id}/0/comments`;
      const written = await control('POST', where, { openid: account.people[5], content: '好看' });
      const named = { ...article, user_comment_id: written.user_comment_id };
      await post('comment/markelect', named);
      await post('comment/reply/add', { ...named, content: '谢谢' });
      const list = await post('comment/list', { ...article, begin: 0, count: 50, type: 0 });
      assert.equal(list.comment[0].reply.content, '谢谢');
      await post('comment/delete', named);
    },
    async quotas() {
      const { quota } = await post('openapi/quota/get', { cgi_path: '/cgi-bin/user/info' });
      assert.ok(quota.used > 0);
      await post('clear_quota', { appid: account.appid });
    },
    async 'busy and slow down'() {
      for (const [kind, code] of [['system_error', -1], ['minute_quota', 45011]]) {
        await control('POST', 'faults', { endpoint: '/cgi-bin/user/get', kind });
        await refused(code, api.getFollowers());
      }
    },
    async 'a day has its limit'() {
      let last;
      for (let nth = 0; nth < 101 && last === undefined; nth += 1) {
        await api.previewText(one, `第${nth}次`).catch((error) => { last = error.code; });
        if (nth % 50 === 49) await wait(60);
      }
      assert.equal(last, 45009);
    },
    async 'encrypted callbacks'() {
      const seen = [];
      const middleware = wechat({ token: TOKEN, appid: account.appid, encodingAESKey: AES_KEY })
        .middleware(async (message) => {
          seen.push(message);
          return message.MsgType === 'text' ? '收到' : '';
        });
      const url = await receive(async (request, body) => {
        const query = Object.fromEntries(new URL(request.url, BASE).searchParams);
        const context = { query, method: 'POST', request: { body } };
        await middleware(context);
        assert.notEqual(context.status, 401, context.body);
        return context.body;
      });
      for (const mode of ['safe', 'compatible', 'plain']) {
        await account.listen(url, mode);
        await account.does(account.people[8], 'write', { content: `在吗 <${mode}> & 再见` });
        assert.equal(seen.at(-1).Content, `在吗 <${mode}> & 再见`);
        assert.equal(seen.at(-1).FromUserName, account.people[8]);
      }
      const { ticket } = await api.createLimitQRCode('门店');
      await account.does(account.people[8], 'scan', { ticket });
      assert.deepEqual([seen.at(-1).Event, seen.at(-1).EventKey], ['SCAN', '门店']);
      const sent = await api.massSendText('群发一条', account.people.slice(9, 12));
      await wait(60);
      const end = seen.find((message) => message.Event === 'MASSSENDJOBFINISH');
      assert.deepEqual([end.MsgID, end.Status, end.SentCount],
        [String(sent.msg_id), 'send success', '3']);
      const attempts = await control('GET', `${account.path}/callbacks`);
      assert.ok(attempts.every((attempt) => attempt.taken), JSON.stringify(attempts));
    },
    async 'an expired token is refreshed'() {
      const before = (await api.ensureAccessToken()).accessToken;
      await wait(3 * 3600);
      await api.getFollowers();
      assert.notEqual((await api.ensureAccessToken()).accessToken, before);
    },
  };
  if (plain) {
    all['a mass film by the former file server'] = async () => {
      const film = await api.uploadMedia(held.film, 'video');
      const sent = await api.massSendMPVideo(
        { media_id: film.media_id, title: '片', description: '简介' }, account.people.slice(12, 14));
      await wait(60);
      assert.ok((await account.received(account.people[12])).includes(String(sent.msg_id)));
    };
  }
  // Addresses that are written into the SDK lead to the sandbox through these doors alone.
  if (whole) {
    all['signing in to web pages'] = async () => {
      await control('PUT', `${account.path}/oauth`, { domain: 'shop.example.com' });
      const oauth = new OAuth(account.appid, account.secret);
      oauth.setOpts(api.defaults);
      const back = 'https://shop.example.com/member';
      const { code, state } = await browse(oauth.getAuthorizeURL(back, 'S7'), { person: one });
      assert.equal(state, 'S7');
      const token = await oauth.getAccessToken(code);
      assert.equal(token.data.openid, one);
      await refused(40163, oauth.getAccessToken(code));
      const page = oauth.getAuthorizeURL(back, 'S8', 'snsapi_userinfo');
      const agreed = await agree(page, { person: one });
      const user = await oauth.getUserByCode(agreed.code);
      assert.ok(user.openid === one && user.nickname, JSON.stringify(user));
    };
    all['agents and talks'] = async () => {
      const [agent, other] = ['anna', 'bo'].map((name) => `${name}@${account.wechat_id}`);
      await api.addKfAccount(agent, '小安');
      await refused(65406, api.addKfAccount(agent, '小安'));
      await refused(65404, api.addKfAccount('anna@elsewhere', '小安'));
      await api.addKfAccount(other, '小波');
      await api.updateKfAccount(other, '阿波');
      await api.setKfAccountAvatar(agent, held.image);
      await api.inviteworker(agent, 'anna_at_home');
      await refused(65408, api.inviteworker(other, 'anna_at_home'));
      const { kf_list } = await api.getCustomServiceList();
      const shown = Object.fromEntries(kf_list.map((entry) => [entry.kf_account, entry]));
      assert.equal(shown[other].kf_nick, '阿波');
      assert.equal(shown[agent].invite_status, 'waiting');
      await refused(65415, api.createKfSession(agent, two));
      await control('POST', `${account.path}/agents/${agent}/online`, {});
      await api.createKfSession(agent, two);
      const { kf_online_list } = await api.getOnlineCustomServiceList();
      assert.deepEqual([kf_online_list[0].kf_account, kf_online_list[0].accepted_case], [agent, 1]);
      await control('POST', `${account.path}/agents/${other}/online`, {});
      await refused(65414, api.createKfSession(other, two));
      await api.deleteKfAccount(other);
      await refused(65401, api.deleteKfAccount(other));
    };
    all.statistics = async () => {
      const day = await today(true);
      const { list } = await api.getUserCumulate(day, day);
      assert.equal(list[0].cumulate_user, (await api.getFollowers()).total);
      const told = await api.getUserSummary(day, day);
      assert.ok(told.list.some((row) => row.new_user >= 1), JSON.stringify(told));
      const written = await api.getUpstreamMsg(day, day);
      assert.ok(written.list[0].msg_count >= 3, JSON.stringify(written));
      const pushed = await api.getInterfaceSummary(day, day);
      assert.ok(pushed.list[0].callback_count >= 5, JSON.stringify(pushed));
      assert.equal(pushed.list[0].fail_count, 0);
      await refused(47009, api.getArticleSummary(day, day));
      const now = await today();
      await refused(61501, api.getUserCumulate(now, now));
    };
  }
  return all;
}

// Another account's API through the same door.
class WechatAPITo extends WechatAPI {
  constructor(like, appid, secret) {
    super(appid, secret);
    for (const key of Object.keys(like)) {
      if (key.endsWith('refix')) this[key] = like[key];
    }
    this.setOpts(like.defaults);
  }
}

async function main() {
  const checks = new Checks();
  const name = 'co-wechat-api';

  let account = await Account.make(201);
  let api = new WechatAPI(account.appid, account.secret);
  for (const key of ['prefix', 'mpPrefix', 'fileServerPrefix']) api[key] = `${BASE}/cgi-bin/`;
  api.snsPrefix = `${BASE}/sns/`;
  api.customservicePrefix = `${BASE}/customservice/`;
  await checks.all(`${name} · base address`, flows(account, api, { plain: true, whole: false }));

  account = await Account.make(202);
  api = new WechatAPI(account.appid, account.secret);
  const leave = byHostsFile();
  await checks.all(`${name} · TLS`, flows(account, api, { plain: true, whole: true }));
  leave();

  account = await Account.make(203);
  api = new WechatAPI(account.appid, account.secret);
  api.setOpts({ agent: new HttpsProxyAgent(PROXY) });
  await checks.all(`${name} · proxy`, flows(account, api, { plain: false, whole: true }));

  held.remove();
  checks.end();
}

main().catch((error) => {
  console.log(`FAIL co-wechat-api\n    ${error.stack}`);
  process.exit(1);
});
