//! The table: a word's name, Chinese, English.

/// Writes the struct of words, the two languages of it, and the sentences said after a button.
macro_rules! words {
    (words { $($name:ident: $chinese:literal, $english:literal;)* }
     notes { $($note:ident: $note_chinese:literal, $note_english:literal;)* }) => {
        /// Every word of the pages, in one language.
        #[allow(missing_docs, reason = "each field is named by what it says")]
        pub struct Words {
            $(pub $name: &'static str,)*
            notes: &'static [(&'static str, &'static str)],
        }

        /// 中文.
        pub(super) static CHINESE: Words = Words {
            $($name: $chinese,)*
            notes: &[$((stringify!($note), $note_chinese),)*],
        };

        /// English.
        pub(super) static ENGLISH: Words = Words {
            $($name: $english,)*
            notes: &[$((stringify!($note), $note_english),)*],
        };

        #[cfg(test)]
        impl Words {
            /// Every word with its name.
            pub(in crate::inspector) fn all(&self) -> Vec<(&'static str, &'static str)> {
                let mut all = vec![$((stringify!($name), self.$name),)*];
                all.extend(self.notes);
                all
            }
        }
    };
}

impl Words {
    /// The sentence of this name, said after a button was pressed.
    #[must_use]
    pub fn note(&self, name: &str) -> Option<&'static str> {
        self.notes.iter().find(|(known, _)| *known == name).map(|(_, sentence)| *sentence)
    }
}

words! {
words {
    product: "微信沙箱", "WeChat sandbox";
    skip: "跳到正文", "Skip to the content";
    pages: "页面", "Pages";
    account_pages: "公众号页面", "Pages of the account";
    other_language: "English", "中文";
    to_overview: "回到总览", "Back to the overview";
    overview: "总览", "Overview";
    log: "调用日志", "Call log";
    office: "后台", "Back office";
    content: "内容", "Content";
    followers: "粉丝", "Followers";
    settings: "设置", "Settings";
    callbacks: "回调", "Callbacks";
    phone: "粉丝的手机", "A follower's phone";
    a_phone: "粉丝手机", "A phone";
    problem_title: "打不开", "This cannot be shown";
    problem_page: "没有这个页面；从总览重新进入。", "There is no such page; start again from the overview.";
    problem_account: "没有这个公众号；在总览里选一个。", "There is no such account; choose one on the overview.";
    problem_person: "没有这个人；在粉丝列表里选一位。", "There is no such person; choose one from the list of followers.";
    problem_article: "没有这篇文章；在内容页里选一篇。", "There is no such article; choose one on the content page.";
    problem_file: "没有这个文件，或已过期。", "There is no such file, or it has run out.";
    problem_form: "表单读不懂；请回到页面重新填写。", "The form cannot be read; go back to the page and fill it in again.";
    clock: "时钟", "Clock";
    clock_stands: "时间停着，按下按钮才会往前走。", "Time stands still until a button moves it.";
    clock_runs: "时间自己在走；改成“停住”后可以手动移动。", "Time passes by itself; let it stand to move it by hand.";
    plus_minute: "+1 分钟", "+1 minute";
    plus_hour: "+1 小时", "+1 hour";
    to_evening: "到 20:00", "To 20:00";
    to_tomorrow: "到明天 10:00", "To tomorrow 10:00";
    to_next_month: "到下月 1 日", "To the 1st of next month";
    move_to: "移到", "Move to";
    move_there: "移过去", "Move";
    pace: "时间怎么走", "How time passes";
    pace_manual: "停住，手动移动", "Stands, moved by hand";
    pace_running: "按倍数走", "Runs, times";
    pace_real: "跟随真实时间", "The machine's own time";
    factor: "倍数", "Factor";
    set: "设定", "Set";
    coming: "接下来", "What is due next";
    nothing_due: "没有要发生的事。", "Nothing is due.";
    when: "时间", "When";
    what: "内容", "What";
    account: "公众号", "Account";
    due_job: "执行群发", "Mass job runs:";
    due_confirmation: "管理员确认到时限", "The administrator's time ends:";
    due_publication: "文章发布完成", "A publication is done";
    due_notice: "通知送达", "A notice arrives";
    due_push: "推送回调", "Callback:";
    due_ticket: "推送第三方平台票据", "Ticket of a third-party platform";
    due_evening: "粉丝的晚间活动开始", "People begin their evening";
    due_day: "粉丝的新一天开始", "People begin their day";
    due_scan: "有人扫码", "Somebody scans a code";
    due_locate: "有人在会话中上报位置", "Somebody in the chat tells where they are";
    due_order: "有人下单", "Somebody orders";
    due_read: "有人阅读群发", "People read a mass message";
    due_arrive: "有人关注", "Somebody follows";
    due_leave: "有人取消关注", "Somebody leaves";
    due_write: "有人发消息", "Somebody writes";
    due_click: "有人点菜单", "Somebody taps the menu";
    accounts: "公众号列表", "Accounts";
    no_account: "还没有公众号，在下面新建一个。", "There is no account yet; make one below.";
    name: "名称", "Name";
    kind: "类型", "Kind";
    jobs: "群发数", "Mass jobs";
    look_at: "查看", "Look at";
    new_account: "新建公众号", "New account";
    service_account: "服务号", "Service account";
    subscription_account: "订阅号", "Subscription account";
    seed: "种子", "Seed";
    create: "新建", "Create";
    snapshots: "快照", "Snapshots";
    no_snapshot: "还没有快照。", "There is no snapshot yet.";
    restore: "恢复", "Go back to it";
    remove: "删除", "Delete";
    take_snapshot: "保存快照", "Take a snapshot";
    reset: "回到最初", "Back to the start";
    faults: "已布置的故障", "Faults laid out";
    lay_out: "布置", "Lay it out";
    times: "次数", "Times";
    random_faults: "随机故障，千分之", "By chance, of a thousand:";
    no_fault: "没有故障。", "None.";
    where_: "位置", "Where";
    times_left: "剩余次数", "Times left";
    clear_faults: "全部撤掉", "Clear them";
    calls: "调用", "Calls";
    refused_calls: "被拒绝", "Refused";
    budgets: "额度", "Budgets";
    budget_website: "网站群发，本月", "Website sends, this month";
    budget_month: "全员群发（接口与网站），本月", "Sends to everybody (interface and website), this month";
    budget_day: "全员群发（接口与网站），今天", "Sends to everybody (interface and website), today";
    budget_calls: "群发接口调用，今天", "Calls of the mass interface, today";
    no_limit: "不限", "no limit";
    calls_today: "今天其他接口的调用", "Other calls today";
    send_from_website: "在网站上群发", "Send from the website";
    message_title: "标题（可不填）", "Title (may be left out)";
    message_text: "正文", "Text";
    send_now: "群发给全部粉丝", "Send to every follower";
    send_hint: "和在公众平台网站上点“群发”一样：立刻受理，几秒后送达，占每人每月的条数。", "As the button on the platform's website does: accepted at once, delivered seconds later, and it spends one of everybody's monthly messages.";
    mass_jobs: "群发任务", "Mass jobs";
    no_job: "还没有群发。", "Nothing has been sent yet.";
    to_whom: "发给", "To whom";
    state: "状态", "State";
    total: "总人数", "Asked for";
    left_after_filter: "过滤后", "Left after filtering";
    delivered: "送达", "Delivered";
    errors: "失败", "Failed";
    why_not: "没收到的人与原因", "Who did not get it, and why";
    accepted: "受理于", "accepted";
    by_website: "网站群发", "website";
    by_interface: "接口群发", "interface";
    to_everybody: "全部粉丝", "everybody";
    to_tag: "标签", "tag";
    to_list: "列表 {n} 人", "list of {n}";
    job_waiting: "等待执行", "waiting";
    job_awaiting: "等管理员确认", "awaits the administrator";
    job_opened: "管理员正在看", "the administrator looks at it";
    admin_open: "打开", "Open";
    admin_confirm: "确认发送", "Confirm";
    admin_refuse: "拒绝发送", "Refuse to send";
    protection: "群发保护", "Mass send protection";
    protection_on: "已开启：接口群发给全部粉丝前，须管理员确认。", "On: a send to everybody by the interface waits for the administrator.";
    protection_off: "已关闭。", "Off.";
    switch_on: "开启", "Switch on";
    switch_off: "关闭", "Switch off";
    job_sent: "已发送", "sent";
    job_deleted: "已删除", "deleted";
    reason_not_following: "未关注", "do not follow";
    reason_blacklisted: "在黑名单", "on the blacklist";
    reason_refusing: "关闭了接收", "refuse messages";
    reason_full: "本月条数已满", "have had all of this month's";
    reason_failed: "投递失败", "delivery failed";
    reason_over_budget: "公众号额度已用完", "the account's budget was used up";
    drafts: "草稿箱", "Drafts";
    no_draft: "草稿箱是空的。", "There is no draft.";
    publications: "已发布", "Published";
    no_publication: "还没有发布过。", "Nothing has been published.";
    material: "永久素材", "Permanent material";
    bytes: "字节", "Bytes";
    deleted: "已删除", "deleted";
    publish_done: "已发布", "published";
    publish_under_way: "发布中", "being published";
    publish_original: "原创校验未通过", "stopped by the original check";
    publish_review: "平台审核未通过", "stopped by the platform's review";
    publish_deleted: "已全部删除", "all deleted";
    publish_banned: "已被平台封禁", "Banned by the platform";
    publish_failed: "发布失败", "failed";
    find: "查找", "Find";
    somebody_follows: "来一位新粉丝", "Somebody new follows";
    nobody_found: "没有这个 OpenID。", "Nobody has this OpenID.";
    no_follower: "还没有粉丝。", "There is no follower yet.";
    received_this_month: "本月收到", "Received this month";
    follows_since: "关注时间", "Followed at";
    tags: "标签", "Tags";
    follows: "已关注", "follows";
    left: "已取消关注", "left";
    refuses: "不接收消息", "refuses messages";
    blacklisted: "在黑名单里", "on the blacklist";
    in_numbers: "人数", "In numbers";
    following_now: "正在关注", "Follow now";
    of_them_refusing: "其中不接收消息", "Of them refusing messages";
    on_blacklist: "黑名单", "On the blacklist";
    page_back: "上一页", "Previous";
    page_on: "下一页", "Next";
    identity: "身份", "Identity";
    original_id: "原始 ID", "Original id";
    verified: "微信认证", "Verified";
    wechat_pay: "微信支付权限", "WeChat Pay";
    cover: "自带封面的 media_id", "media_id of the cover it starts with";
    mini_programs: "关联的小程序", "Linked mini programs";
    callback_address: "回调地址", "Callback address";
    no_callback: "没有设置回调地址，事件不会推送。", "No callback address is set; events go nowhere.";
    mode_plain: "明文模式", "plain";
    mode_compatible: "兼容模式", "compatible";
    mode_safe: "安全模式", "encrypted";
    yes: "是", "yes";
    no: "否", "no";
    menus: "菜单", "Menus";
    no_menu: "没有菜单。", "There is no menu.";
    menu_default: "默认菜单", "For everybody";
    menu_for_tag: "标签", "For the tag";
    menu_opens: "展开子菜单", "opens a submenu";
    another_client: "其他客户端", "another client";
    templates: "模板", "Templates";
    no_template: "没有模板。", "There is no template.";
    template_message: "模板消息", "template message";
    subscription_notice: "订阅通知", "subscription notice";
    filled_with: "填写内容", "Filled with";
    qr_codes: "带参二维码", "QR codes with scenes";
    no_code: "没有可扫的二维码。", "There is no code to scan.";
    too_many_codes: "二维码太多，这里不列出。", "There are too many codes to list them here.";
    path: "路径", "Path";
    refused_only: "只看被拒绝的", "Refused only";
    filter: "筛选", "Filter";
    callbacks_of: "回调：", "Callbacks of";
    no_call: "没有符合的调用。", "No call fits.";
    answer: "应答", "Answer";
    reason: "原因", "Reason";
    ms: "毫秒", "ms";
    ok: "成功", "ok";
    no_answer: "无应答", "no answer";
    call_cut: "连接被切断，调用方没有收到应答。", "The connection was cut; the caller got no answer.";
    fault: "故障", "fault";
    query: "查询串", "Query";
    body: "请求内容", "Body";
    failed_only: "只看没送到的", "Failed only";
    pushed_to: "推送到", "Pushed to";
    no_push: "没有符合的回调。", "No callback fits.";
    event: "事件", "Event";
    attempt: "第几次", "Attempt";
    message_sent: "推送内容", "Message";
    taken: "已接收", "taken";
    not_taken: "未接收", "not taken";
    article: "文章", "Article";
    article_out: "已发出：读者看到的样子（平台过滤之后）。", "Sent: as its readers see it, after the platform's filtering.";
    article_draft: "草稿：发出后会是这个样子（平台过滤之后）。", "A draft: as it will look after the platform's filtering.";
    article_deleted: "公众号删除了这篇文章。", "The account deleted this article.";
    article_deleted_reader: "该内容已被发布者删除", "This content has been deleted by its author";
    original_link: "阅读原文", "Original link";
    none: "无", "none";
    read_original: "阅读原文", "Read the original";
    comments: "留言", "Comments";
    comments_open: "读者可以留言。", "Readers may write.";
    comments_fans: "只有粉丝可以留言。", "Only followers may write.";
    comments_closed: "这篇文章没有开放留言。", "The article takes no comments.";
    chosen: "精选", "chosen";
    not_chosen: "未精选，别的读者看不到", "not chosen, other readers do not see it";
    account_answers: "作者回复", "The account answers";
    who_writes: "谁来写（OpenID）", "Who writes (OpenID)";
    comment: "留言内容", "Comment";
    write_comment: "留言", "Comment";
    chats: "微信", "Chats";
    folder: "订阅号消息", "Subscriptions";
    folder_initial: "订", "S";
    service_notices: "服务通知", "Service notices";
    notices_initial: "通", "N";
    back: "返回", "Back";
    no_message_yet: "还没有消息。", "No message yet.";
    nth_of_month: "本月第 {n} 条，共 {cap} 条", "message {n} of this month's {cap}";
    by_customer_service: "客服消息，不占条数", "customer service, not counted";
    by_template: "模板消息，不占条数", "template message, not counted";
    by_subscription: "订阅通知，不占条数", "subscription notice, not counted";
    by_one_time: "一次性订阅消息，不占条数", "one-time subscription, not counted";
    by_reply: "被动回复，不占条数", "an answer to what they did, not counted";
    by_auto_reply: "网站上设置的自动回复，不占条数", "a reply set on the website, not counted";
    kind_picture: "图片", "picture";
    kind_voice: "语音", "voice";
    kind_film: "视频", "film";
    kind_thumb: "缩略图", "thumbnail";
    kind_articles: "图文", "articles";
    picture_gone: "图片已过期", "picture gone";
    details: "详情", "Details";
    is_typing: "对方正在输入…", "is typing…";
    words_to_write: "发消息", "Write a message";
    write: "发送", "Send";
    this_person: "这位粉丝", "This person";
    person_before: "上一位", "Previous person";
    person_after: "下一位", "Next person";
    messages_this_month: "本月群发", "Mass messages this month";
    client: "客户端", "Client";
    may_reply: "可以回复", "May be written to";
    opening_write: "发过消息", "wrote";
    opening_click: "点过菜单", "tapped the menu";
    opening_follow: "刚关注", "followed";
    opening_scan: "扫过码", "scanned a code";
    opening_pay: "付过款", "paid";
    until: "到", "until";
    left_over: "还剩", "left:";
    any_number: "不限", "any number";
    did_not_come: "没有收到的群发", "Mass messages that did not come";
    nothing_missed: "发给这位粉丝的都收到了。", "Everything sent to this person came.";
    missed_not_following: "发送时没有关注", "did not follow when it was sent";
    missed_blacklisted: "在公众号的黑名单里", "was on the account's blacklist";
    missed_refusing: "关闭了接收消息", "refused the account's messages";
    missed_full: "本月已收满 {cap} 条", "had all {cap} messages of the month already";
    missed_failed: "平台投递失败", "the platform failed to deliver it";
    missed_over_budget: "公众号的群发额度已用完", "the account's budget was used up";
    what_they_do: "替这位粉丝操作", "What this person does";
    act_follow: "关注", "Follow";
    act_leave: "取消关注", "Leave";
    act_refuse: "关闭接收消息", "Refuse messages";
    act_accept: "重新接收消息", "Accept messages again";
    act_scan: "扫二维码", "Scan a code";
    ticket: "二维码 ticket", "ticket of a code";
    scan: "扫码", "Scan";
    subscription_notices: "订阅通知", "Subscription notices";
    consent_none: "没有被询问过", "never asked";
    consent_standing: "长期允许", "allowed for good";
    consent_left: "还可收 {n} 条", "{n} more may come";
    allow: "弹窗里点允许", "Allow in the prompt";
    refuse: "拒绝", "Refuse";
    withdraw: "在设置里关闭", "Switch off in the settings";
    monday: "周一", "Monday";
    tuesday: "周二", "Tuesday";
    wednesday: "周三", "Wednesday";
    thursday: "周四", "Thursday";
    friday: "周五", "Friday";
    saturday: "周六", "Saturday";
    agents: "客服", "Agents";
    no_agent: "还没有客服帐号；用 kfaccount/add 添加。", "There is no agent; add one with kfaccount/add.";
    agent_account: "客服帐号", "Agent's account";
    person_behind: "绑定的微信", "Person behind it";
    worker_nobody: "未绑定", "nobody yet";
    worker_bound: "已绑定", "bound";
    worker_invited: "邀请待答复", "invited, has not answered";
    worker_rejected: "已拒绝邀请", "rejected the invitation";
    worker_expired: "邀请已过期", "the invitation ran out";
    invitation_accept: "接受邀请", "Accepts";
    invitation_reject: "拒绝邀请", "Rejects";
    talks_with: "正在接待", "Talks with";
    agent_online: "在线", "there";
    agent_offline: "不在线", "away";
    agent_comes: "上线", "Comes";
    agent_goes: "下线", "Goes";
    waiting_for_agent: "等待接入的人", "Who waits for an agent";
    nobody_waits: "没有人在等。", "Nobody waits.";
    platforms: "第三方平台", "Third-party platforms";
    no_platform: "还没有第三方平台；用 POST /sandbox/components 新建。", "There is none; make one with POST /sandbox/components.";
    push_ticket: "推送票据", "Push a ticket";
    release_test: "全网发布检测", "Release test";
    release_ticket: "票据推送后应答 success", "A ticket is answered with success";
    release_text: "文本消息被动回复 …_callback", "A text is answered by a passive …_callback";
    release_code: "授权码换令牌后客服回复 …_from_api", "A code is redeemed and told back as …_from_api";
    passed: "通过", "passed";
    not_passed: "未通过", "failed";
    event_address: "授权事件接收地址", "Address of events";
    message_address: "消息与事件接收地址", "Address of messages";
    released: "全网发布", "Released to all";
    asks_for: "申请的权限集", "Permission sets it asks for";
    authorizers: "已授权的公众号", "Accounts that authorised it";
    no_authorizer: "还没有公众号授权。", "No account has authorised it.";
    authorizer_withdraws: "取消授权", "Withdraw";
    originals: "原创库", "Library of originals";
    no_original: "原创库是空的；用 PUT /sandbox/originals 放入。", "It is empty; lay originals out with PUT /sandbox/originals.";
    may_reprint: "可转载", "may be reprinted";
    may_not_reprint: "不可转载", "may not be reprinted";
    sunday: "周日", "Sunday";
}
notes {
    done: "已完成。", "Done.";
    clock_moved: "时间已移动，到期的事都已发生。", "The clock was moved, and all that was due has happened.";
    clock_real: "时间自己在走，先改成停住再移动。", "Time passes by itself; let it stand before you move it.";
    clock_unread: "时间读不懂；请填写日期和钟点。", "The moment cannot be read; give a date and an hour.";
    clock_back: "时间不能倒退；请选现在以后的时刻。", "Time goes forward only; choose a moment after now.";
    clock_far: "一次最多移动一年。", "One move goes a year at most.";
    pace_factor: "倍数须是 1 到 1000000 的整数。", "The factor must be a whole number from 1 to 1000000.";
    pace_ahead: "沙箱时间已走到真实时间之后，不能跟随真实时间；请按倍数 1 走。", "The sandbox is ahead of the machine's own time; let it run with the factor 1.";
    snapshot_name: "快照名须为 1 到 64 个字母、数字、点、横线或下划线。", "A snapshot's name takes 1 to 64 letters, digits, dots, dashes and underscores.";
    snapshot_taken: "已有同名快照；请先删除或换名。", "There is a snapshot of that name; delete it first or choose another name.";
    snapshot_full: "快照已到上限；请先删除一个。", "There are as many snapshots as are kept; delete one first.";
    snapshot_unknown: "没有这个快照，或无法回到最初。", "There is no such snapshot, or the start cannot be made again.";
    reset_done: "已回到最初。", "The sandbox is as it was at the start.";
    fault_unusable: "路径须是平台的接口、callback 或 *，次数须为 1 到 1000，且要与故障相配。", "Give a path of the platform, callback or *, 1 to 1000 times, and a fault that fits.";
    faults_cleared: "故障已全部撤掉。", "No fault is laid out any more.";
    account_made: "公众号已建好。", "The account is there.";
    account_numbers: "粉丝数须为 0 到 1000000，种子须为非负整数。", "Followers must be 0 to 1000000, and the seed a whole number from 0.";
    account_taken: "这个公众号已经存在。", "There is such an account already.";
    send_accepted: "已受理，几秒后送达；把时钟往前移一分钟就能看到。", "Accepted; it is delivered seconds later. Move the clock a minute to see it.";
    send_length: "正文须为 1 到 600 字。", "The text must have 1 to 600 characters.";
    send_website_month: "本月的网站群发次数已用完，请等下个月。", "All website sends of this month are made; wait for the next month.";
    send_month: "本月的全员群发次数已用完，请等下个月。", "All sends to everybody of this month are made; wait for the next month.";
    send_day: "今天的全员群发次数已用完，请等明天。", "All sends to everybody of this day are made; wait for tomorrow.";
    send_limits: "这一天的规则未知；请把时钟移到更晚的日子。", "No limits are known for this day; move the clock to a later one.";
    waits_for_nobody: "这条群发不在等管理员确认。", "This send does not wait for the administrator.";
    follows_already: "已经关注了。", "They follow already.";
    left_already: "已经取消关注了。", "They have left already.";
    write_length: "消息须为 1 到 2000 字。", "A message has 1 to 2000 characters.";
    cannot_write: "没有关注或在黑名单里，消息到不了公众号。", "They do not follow or are on the blacklist; no message reaches the account.";
    cannot_click: "没有关注，点不了菜单。", "They do not follow and see no menu.";
    cannot_choose: "没有收到过这个选项的菜单。", "They were never sent a menu with this entry.";
    no_such_code: "没有这个二维码，或已过期。", "There is no such code, or it has expired.";
    no_such_template: "没有这个订阅模板。", "There is no such template to subscribe to.";
    no_invitation: "没有待答复的邀请，或没有这个客服。", "No invitation waits for an answer, or there is no such agent.";
    release_not_begun: "检测无法开始：微信的检测帐号都已授权给别的平台。", "The test cannot begin: WeChat's accounts are all held by other platforms.";
    comment_length: "留言须为 1 到 600 字。", "A comment has 1 to 600 characters.";
    comment_nobody: "没有这个 OpenID；请填写本公众号粉丝的。", "Nobody has this OpenID; give one of this account's followers.";
    comment_closed: "这篇文章没有开放留言。", "The article takes no comments.";
    comment_only_fans: "只有粉丝可以留言。", "Only followers may write under it.";
}
}
