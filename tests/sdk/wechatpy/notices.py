"""Messages to one, callbacks, limits and statistics."""

import datetime
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import (
    APILimitedException,
    InvalidAppIdException,
    InvalidSignatureException,
)
from wechatpy.replies import TextReply
from wechatpy.utils import check_signature

from stage import AES_KEY, BASE, PNG, TOKEN, Receiver, control, refused, wait


class Notices:
    """What is sent to one, and what the platform tells."""

    def template_messages(self):
        self.client.template.set_industry("1", "4")
        assert self.client.template.get_industry()["primary_industry"]
        # The library asks for keywords since 2023, which wechatpy does not send.
        refused(40246, self.client.template.add, "43216")
        added = self.client.post("template/api_add_template", data={
            "template_id_short": "43216", "keyword_name_list": ["活动名称", "开始时间"]})
        template = added["template_id"]
        listed = self.client.template.get_all_private_template()["template_list"]
        assert template in [entry["template_id"] for entry in listed], listed
        one = self.account.people[0]
        words = {"thing1": {"value": "秋季上新"}, "time2": {"value": "2026年1月1日 10:00"}}
        sent = self.client.message.send_template(one, template, words, "https://shop.example.com/")
        assert sent["msgid"]
        wait(5)
        assert "秋季上新" in self.account.notices(one)[-1]
        refused(47003, self.client.message.send_template, one, template,
                {"thing1": {"value": "长" * 21}, "time2": words["time2"]})
        self.client.template.del_private_template(template)
        refused(40037, self.client.message.send_template, one, template, words)

    def subscription_notices(self):
        added = self.library("addtemplate", {"tid": "401", "kidList": [1, 2], "sceneDesc": "到货"})
        template, one = added["priTmplId"], self.account.people[0]
        held = self.library("gettemplate")["data"][0]
        words = {}
        for line in held["content"].strip().split("\n"):
            key = line.split("{{")[1].split(".")[0]
            words[key] = {"value": "2026年3月5日" if "date" in key else "面膜"}
        send = self.client.message.send_subscribe_message
        refused(43101, send, one, template, words)
        self.account.does(one, "prompt", {"templates": {template: "accept"}})
        send(one, template, words, page="https://shop.example.com/")
        wait(5)
        assert "面膜" in self.account.notices(one)[-1]
        refused(43101, send, one, template, words)
        self.library("deltemplate", {"priTmplId": template})

    def library(self, call, body=None):
        base = BASE if not self.whole else "https://api.weixin.qq.com"
        url = f"{base}/wxaapi/newtmpl/{call}"
        return self.client.get(url) if body is None else self.client.post(url, data=body)

    def one_time_subscriptions(self):
        one, template = self.account.people[1], self.account.one_time
        url = self.client.message.get_subscribe_authorize_url(
            1000, template, "https://shop.example.com/back", "abc")
        asked = {key: value[0] for key, value in parse_qs(urlsplit(url).query).items()}
        answer = self.account.does(one, "confirm", {
            key: asked[key] for key in ("scene", "template_id", "redirect_url", "reserved")})
        assert f"openid={one}" in answer["redirect"] and "reserved=abc" in answer["redirect"]
        send = self.client.message.send_subscribe_template
        words = {"content": {"value": "您关注的商品已到货", "color": "#000000"}}
        send(one, template, "1000", "补货通知", words, "https://shop.example.com/x")
        refused(43101, send, one, template, "1000", "补货通知", words, "https://shop.example.com/x")

    def customer_messages(self):
        one = self.account.people[2]
        refused(45015, self.client.message.send_text, one, "您好")
        self.account.does(one, "write", {"content": "在吗"})
        self.client.message.send_text(one, "在的")
        image = self.client.media.upload("image", ("a.png", BytesIO(PNG), "image/png"))
        self.client.message.send_image(one, image["media_id"])
        self.client.message.send_articles(one, [{
            "title": "新品", "description": "三款", "url": "https://shop.example.com/",
            "image": "https://shop.example.com/a.jpg"}])
        self.client.message.send_msg_menu(one, {
            "head_content": "满意吗?", "tail_content": "谢谢",
            "list": [{"id": "1", "content": "满意"}, {"id": "2", "content": "不满意"}]})
        self.client.message.send_text(one, "还有一条")
        refused(45047, self.client.message.send_text, one, "第六条")

    def quotas(self):
        told = self.client.post("openapi/quota/get", data={"cgi_path": "/cgi-bin/user/info"})
        assert told["quota"]["used"] > 0, told
        self.client.post("clear_quota", data={"appid": self.account.appid})
        told = self.client.post("openapi/quota/get", data={"cgi_path": "/cgi-bin/user/info"})
        assert told["quota"]["used"] == 0, told

    def a_day_has_its_limit(self):
        one = self.account.people[0]
        for nth in range(101):
            try:
                self.client.message.send_mass_text(one, f"第{nth}次", preview=True)
            except APILimitedException as error:
                assert error.errcode == 45009 and nth > 90, (error.errcode, nth)
                return
            if nth % 50 == 49:
                wait(60)
        raise AssertionError("the day of previews has no end")

    def busy_and_slow_down(self):
        for kind, code in (("system_error", -1), ("minute_quota", 45011)):
            control("POST", "faults", {"endpoint": "/cgi-bin/user/get", "kind": kind})
            refused(code, self.client.user.get_followers)

    def encrypted_callbacks(self):
        crypto = WeChatCrypto(TOKEN, AES_KEY, self.account.appid)
        receiver, seen = Receiver(), []

        def reply(query, body):
            check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
            text = crypto.decrypt_message(
                body, query["msg_signature"], query["timestamp"], query["nonce"])
            message = parse_message(text)
            seen.append(message)
            if message.type != "text":
                return "success"
            answer = TextReply(content="收到", message=message).render()
            return crypto.encrypt_message(answer, query["nonce"], query["timestamp"])

        receiver.reply = reply
        spec = {"url": receiver.url, "token": TOKEN, "encoding_aes_key": AES_KEY, "mode": "safe"}
        control("PUT", f"{self.account.path}/callback", spec)
        people = self.account.people[20:22]
        self.account.does(people[0], "write", {"content": "在吗 <你好> & 再见"})
        assert seen[-1].type == "text" and seen[-1].content == "在吗 <你好> & 再见", seen[-1]
        assert seen[-1].source == people[0] and seen[-1].target == self.account.original_id
        code = self.client.qrcode.create({"action_name": "QR_LIMIT_STR_SCENE",
                                          "action_info": {"scene": {"scene_str": "门店"}}})
        control("POST", f"{self.account.path}/followers", {"ticket": code["ticket"]})
        assert (seen[-1].event, seen[-1].scene_id) == ("subscribe_scan", "门店"), seen[-1]
        self.account.people.append(seen[-1].source)
        self.account.does(people[1], "scan", {"ticket": code["ticket"]})
        assert (seen[-1].event, seen[-1].scene_id) == ("scan", "门店"), seen[-1]
        self.client.menu.create({"button": [{"type": "click", "name": "优惠", "key": "PROMO"}]})
        self.account.does(people[0], "click", {"key": "PROMO"})
        assert (seen[-1].event, seen[-1].key) == ("click", "PROMO"), seen[-1]
        self.account.does(people[1], "leave")
        assert seen[-1].event == "unsubscribe" and seen[-1].source == people[1]
        self.account.does(people[1], "follow")
        sent = self.client.message.send_mass_text(people, "群发一条")
        wait(60)
        end = next(m for m in seen if getattr(m, "event", "") == "masssendjobfinish")
        assert (end.id, end.status) == (sent["msg_id"], "send success"), end._data
        assert end.total_count == 2 and end.sent_count == 2, end._data
        attempts = control("GET", f"{self.account.path}/callbacks")
        assert all(attempt["taken"] for attempt in attempts), attempts

        query, body = receiver.got[0]
        sealed = (body, query["msg_signature"], query["timestamp"])
        for wrong, error in (
            (lambda: crypto.decrypt_message(*sealed, "1"), InvalidSignatureException),
            (lambda: WeChatCrypto(TOKEN, AES_KEY, "wx0").decrypt_message(*sealed, query["nonce"]),
             InvalidAppIdException),
        ):
            try:
                wrong()
            except error:
                continue
            raise AssertionError(f"{error.__name__} was expected")

    def callbacks_in_the_other_modes(self):
        crypto = WeChatCrypto(TOKEN, AES_KEY, self.account.appid)
        receiver = Receiver()
        for mode in ("plain", "compatible"):
            spec = {"url": receiver.url, "token": TOKEN, "encoding_aes_key": AES_KEY, "mode": mode}
            control("PUT", f"{self.account.path}/callback", spec)
            self.account.does(self.account.people[20], "write", {"content": mode})
            query, body = receiver.got[-1]
            check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
            assert parse_message(body).content == mode
            if mode == "compatible":
                text = crypto.decrypt_message(
                    body, query["msg_signature"], query["timestamp"], query["nonce"])
                assert parse_message(text).content == mode

    def statistics(self):
        """Of the day on which everything above happened, on the morning after."""
        today = datetime.datetime.fromtimestamp(
            control("GET", "clock")["now"], datetime.timezone(datetime.timedelta(hours=8))).date()
        cube = self.client.datacube
        refused(61501, cube.get_user_cumulate, today, today)
        tomorrow = datetime.datetime.combine(
            today + datetime.timedelta(days=1), datetime.time(8, 30),
            datetime.timezone(datetime.timedelta(hours=8)))
        control("POST", "clock", {"to": int(tomorrow.timestamp())})
        if not self.whole:
            self.client.session.set(self.client.access_token_key, self.account.token())
        arrived = sum(row["new_user"] for row in cube.get_user_summary(today, today))
        assert arrived >= 2, arrived
        followers = self.client.user.get_followers()["total"]
        assert cube.get_user_cumulate(today, today)[0]["cumulate_user"] == followers
        written = cube.get_upstream_msg(today, str(today))
        assert written[0]["msg_count"] >= 1, written
        pushed = cube.get_interface_summary(today, today)
        assert pushed[0]["callback_count"] >= 6 and pushed[0]["fail_count"] == 0, pushed
        hours = cube.get_upstream_msg_hour(today, today)
        assert sum(row["msg_count"] for row in hours) == sum(row["msg_count"] for row in written)
        assert cube.get_upstream_msg_dist(today, today)[0]["count_interval"] == 1
        hours = cube.get_interface_summary_hour(today, today)
        assert sum(row["callback_count"] for row in hours) == pushed[0]["callback_count"], hours
        # The reading statistics of today came after the SDK; its way to post to any path serves.
        span = {"begin_date": str(today), "end_date": str(today)}
        base = "https://api.weixin.qq.com/" if self.whole else f"{BASE}/"
        told = self.client.post("datacube/getarticletotaldetail", api_base_url=base, data=span)
        shown = [row["title"] for row in told["list"]]
        assert "春季新品" in shown, told
        refused(47009, cube.get_article_summary, today, today)
        refused(61501, cube.get_user_summary, today - datetime.timedelta(days=30), today)
