"""Tokens, followers and what an account shows them."""

import hashlib
import time

from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException, WeChatOAuthException
from wechatpy.oauth import WeChatOAuth

from stage import BASE, browse, by_name, control, refused, wait


class People:
    """Who is there, and how they are addressed."""

    def tokens(self):
        before = self.client.access_token
        assert before and self.client.access_token == before
        if self.whole:
            assert 7100 < self.client.expires_at - time.time() <= 7200

    @by_name
    def a_dead_token_is_refreshed_and_the_call_repeated(self):
        control("POST", "faults", {"endpoint": "/cgi-bin/user/get", "kind": "token_dead"})
        before = self.client.access_token
        assert self.client.user.get_followers()["total"] == len(self.account.people)
        assert self.client.access_token != before

    @by_name
    def an_expired_token_is_refreshed(self):
        before = self.client.access_token
        wait(3 * 3600)
        assert self.client.user.get_followers()["total"] == len(self.account.people)
        assert self.client.access_token != before

    @by_name
    def a_wrong_secret_is_named(self):
        wrong = WeChatClient(self.account.appid, "0" * 32)
        try:
            wrong.fetch_access_token()
        except WeChatClientException as error:
            assert error.errcode == 40001, error
        else:
            raise AssertionError("a wrong secret got a token")

    def followers(self):
        assert sorted(self.client.user.iter_followers()) == sorted(self.account.people)
        page = self.client.user.get_followers(self.account.people[-1])
        assert page["count"] == 0 and "data" not in page, page

    def details(self):
        one, other = self.account.people[:2]
        user = self.client.user.get(one)
        assert user["subscribe"] == 1 and user["openid"] == one, user
        assert user["tagid_list"] == self.client.tag.get_user_tag(one), user
        batch = self.client.user.get_batch([one, other])
        assert [user["openid"] for user in batch] == [one, other]
        refused(40003, self.client.user.get, "oNobody")

    def remarks(self):
        one = self.account.people[0]
        self.client.user.update_remark(one, "大客户")
        assert self.client.user.get(one)["remark"] == "大客户"

    def tags(self):
        people = self.account.people[:3]
        tag = self.client.tag.create("会员")
        assert tag["name"] == "会员"
        refused(45157, self.client.tag.create, "会员")
        self.client.tag.tag_user(tag["id"], people)
        assert sorted(self.client.tag.iter_tag_users(tag["id"])) == sorted(people)
        assert tag["id"] in self.client.tag.get_user_tag(people[0])
        listed = {entry["id"]: entry for entry in self.client.tag.get()}
        assert listed[tag["id"]]["count"] == 3, listed
        self.client.tag.update(tag["id"], "老会员")
        self.client.tag.untag_user(tag["id"], people[0])
        assert tag["id"] not in self.client.tag.get_user_tag(people[0])
        self.client.tag.delete(tag["id"])
        assert tag["id"] not in [entry["id"] for entry in self.client.tag.get()]
        refused(45159, self.client.tag.tag_user, tag["id"], people)

    def groups(self):
        group = self.client.group.create("分组")["group"]
        self.client.group.move_user(self.account.people[0], group["id"])
        assert self.client.group.get(self.account.people[0]) == group["id"]
        self.client.group.move_user(self.account.people[1:3], group["id"])
        self.client.group.update(group["id"], "改名")
        names = {entry["id"]: entry for entry in self.client.group.get()}
        assert names[group["id"]]["name"] == "改名" and names[group["id"]]["count"] == 3, names
        self.client.group.delete(group["id"])

    def blacklist(self):
        one = self.account.people[5]
        self.client.tag.batch_black_list([one])
        assert self.client.tag.get_black_list()["data"]["openid"] == [one]
        refused(43019, self.client.message.send_mass_text, one, "预览", preview=True)
        self.client.tag.batch_unblack_list([one])
        assert self.client.tag.get_black_list()["total"] == 0

    def menus(self):
        assert self.client.menu.get() is None
        menu = {
            "button": [
                {"type": "click", "name": "今日优惠", "key": "PROMO"},
                {"name": "服务", "sub_button": [
                    {"type": "view", "name": "官网", "url": "https://shop.example.com/"}]},
            ]
        }
        self.client.menu.create(menu)
        read = self.client.menu.get()["menu"]["button"]
        assert read[0]["key"] == "PROMO" and read[1]["sub_button"][0]["type"] == "view", read
        assert self.client.menu.get_menu_info()["is_menu_open"] == 1
        tag = self.client.tag.create("菜单")["id"]
        self.client.tag.tag_user(tag, self.account.people[0])
        conditional = {
            "button": [{"type": "click", "name": "专享", "key": "VIP"}],
            "matchrule": {"tag_id": str(tag)},
        }
        menuid = self.client.menu.add_conditional(conditional)["menuid"]
        assert self.client.menu.try_match(self.account.people[0])["button"][0]["key"] == "VIP"
        assert self.client.menu.try_match(self.account.people[1])["button"][0]["key"] == "PROMO"
        self.client.menu.del_conditional(menuid)
        refused(40018, self.client.menu.create,
                {"button": [{"type": "click", "name": "长" * 6, "key": "A"}]})
        self.client.menu.delete()
        assert self.client.menu.get() is None
        self.client.tag.delete(tag)

    def automatic_replies(self):
        assert self.client.message.get_autoreply_info()["is_autoreply_open"] in (0, 1)

    def qr_codes(self):
        made = self.client.qrcode.create({
            "expire_seconds": 1800,
            "action_name": "QR_STR_SCENE",
            "action_info": {"scene": {"scene_str": "campaign-7"}},
        })
        assert made["expire_seconds"] == 1800 and made["url"].startswith("http"), made
        if self.whole:
            shown = self.client.qrcode.show(made)
            kind = shown.headers["content-type"]
            assert shown.status_code == 200 and kind.startswith("image/"), (shown.status_code, kind)
            assert self.client.qrcode.show("nothing").status_code == 404
        control("POST", f"{self.account.path}/followers", {"ticket": made["ticket"]})
        newest = control("GET", f"{self.account.path}/followers?limit=1000")["followers"][-1]
        user = self.client.user.get(newest["openid"])
        assert user["subscribe_scene"] == "ADD_SCENE_QR_CODE", user
        assert user["qr_scene_str"] == "campaign-7", user
        self.account.people.append(newest["openid"])

    def short_addresses_are_withdrawn(self):
        refused(45103, self.client.misc.short_url, "https://shop.example.com/")

    def addresses(self):
        assert self.client.misc.get_wechat_ips() == ["127.0.0.1"]

    def tickets(self):
        ticket = self.client.jsapi.get_jsapi_ticket()
        assert ticket and self.client.jsapi.get_jsapi_ticket() == ticket
        assert self.client.jsapi.get_jsapi_card_ticket() != ticket
        text = f"jsapi_ticket={ticket}&noncestr=n&timestamp=1&url=https://shop.example.com/"
        signed = self.client.jsapi.get_jsapi_signature("n", ticket, 1, "https://shop.example.com/")
        assert signed == hashlib.sha1(
            "&".join(sorted(text.split("&"))).encode()).hexdigest()

    def signing_in_to_web_pages(self):
        class AtDoor(WeChatOAuth):
            API_BASE_URL = WeChatOAuth.API_BASE_URL if self.whole else f"{BASE}/"

        control("PUT", f"{self.account.path}/oauth", {"domain": "shop.example.com"})
        one, back = self.account.people[0], "https://shop.example.com/member?from=menu"
        silent = AtDoor(self.account.appid, self.account.secret, back, state="S7")
        sent = browse(silent.authorize_url, one)
        assert sent["state"] == "S7" and sent["from"] == "menu", sent
        token = silent.fetch_access_token(sent["code"])
        assert token["openid"] == one and token["scope"] == "snsapi_base", token
        assert silent.check_access_token()

        def refused_here(code, call, *arguments):
            try:
                call(*arguments)
            except WeChatOAuthException as error:
                assert error.errcode == code, error
            else:
                raise AssertionError(f"expected {code}")

        refused_here(40163, silent.fetch_access_token, sent["code"])
        refused_here(48001, silent.get_user_info)
        asking = AtDoor(self.account.appid, self.account.secret, back, "snsapi_userinfo", "S8")
        agreed = browse(asking.authorize_url, form={"person": one, "decision": "agree"})
        asking.fetch_access_token(agreed["code"])
        person = asking.get_user_info()
        assert person["openid"] == one and person["nickname"], person
        assert asking.refresh_access_token(asking.refresh_token)["openid"] == one
        refused_here(40003, asking.check_access_token, self.account.people[1])
