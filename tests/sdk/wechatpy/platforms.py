"""A third-party platform, and what it does for an account that authorised it."""

from urllib.parse import urlsplit

from wechatpy import WeChatComponent, parse_message
from wechatpy.client import WeChatComponentClient
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import WeChatComponentOAuthException
from wechatpy.replies import TextReply

from stage import AES_KEY, BASE, Receiver, browse, control, refused, wait

SETS = [1, 2, 4, 7]


class AtBaseAddress(WeChatComponent):
    """Led to the sandbox by the SDK's own switch."""

    API_BASE_URL = f"{BASE}/cgi-bin"


class Platforms:
    """Who acts for others."""

    def platform(self, events, messages):
        host = urlsplit(messages.url)
        made = control("POST", "components", {
            "seed": self.account.seed, "token": "platformtoken", "encoding_aes_key": AES_KEY,
            "event_url": events.url, "message_url": f"http://{host.netloc}/$APPID$/messages",
            "domain": "saas.example.com", "web_domains": ["h5.example.com"]})
        self.component_path = f"components/{made['appid']}"
        kind = WeChatComponent if self.whole else AtBaseAddress
        return kind(made["appid"], made["secret"], "platformtoken", AES_KEY)

    def a_third_party_platform(self):
        events, messages = Receiver(), Receiver()
        component = self.platform(events, messages)
        told = lambda: component.parse_message(
            events.got[-1][1],
            *(events.got[-1][0][name] for name in ("msg_signature", "timestamp", "nonce")))
        assert told().type == "component_verify_ticket"
        appid, one = self.account.appid, self.account.people[3]

        page = component.get_pre_auth_url("https://saas.example.com/done")
        back = browse(page, form={"appid": appid, "decision": "agree", "set": SETS})
        event = told()
        assert (event.type, event.authorizer_appid) == ("authorized", appid)
        granted = event.query_auth_result["authorization_info"]["func_info"]
        assert [entry["funcscope_category"]["id"] for entry in granted] == SETS, granted
        refused(61009, component.query_auth, back["auth_code"])

        info = component.get_authorizer_info(appid)
        assert info["authorizer_info"]["user_name"] == self.account.original_id, info
        listed = component.get_authorizer_list()
        assert [entry["authorizer_appid"] for entry in listed["list"]] == [appid], listed
        component.set_authorizer_option(appid, "location_report", "1")
        assert component.get_authorizer_option(appid, "location_report")["option_value"] == "1"
        refused(61012, component.get_authorizer_option, appid, "colour")

        away = WeChatComponentClient.API_BASE_URL
        if not self.whole:
            WeChatComponentClient.API_BASE_URL = f"{BASE}/cgi-bin/"
        try:
            client = component.get_client_by_appid(appid)
            followers = client.user.get_followers()["total"]
            assert followers == self.client.user.get_followers()["total"]
            refused(61007, client.menu.create, {
                "button": [{"type": "click", "name": "优惠", "key": "PROMO"}]})
            self.signing_in_for_the_account(component, one)
            self.messages_of_the_account(component, messages, one)
            # Both tokens ran out: the SDK fetches the platform's own, and with it the account's.
            former = client.access_token
            wait(3 * 3600)
            told()
            assert client.user.get_followers()["total"] == followers
            assert client.access_token != former
            control("POST", f"{self.component_path}/authorizers/{appid}/withdraw", {})
            event = told()
            assert (event.type, event.authorizer_appid) == ("unauthorized", appid)
            refused(61003, client.user.get_followers)
        finally:
            WeChatComponentClient.API_BASE_URL = away

    def signing_in_for_the_account(self, component, one):
        oauth = component.get_component_oauth(self.account.appid)
        if not self.whole:
            oauth.API_BASE_URL = f"{BASE}/"
        page = oauth.get_authorize_url("https://h5.example.com/me", "snsapi_userinfo", "S9")
        agreed = browse(page, form={"person": one, "decision": "agree"})
        assert (agreed["state"], agreed["appid"]) == ("S9", self.account.appid), agreed
        assert oauth.fetch_access_token(agreed["code"])["openid"] == one
        person = oauth.get_user_info()
        assert person["openid"] == one and person["nickname"], person
        assert oauth.refresh_access_token(oauth.refresh_token)["openid"] == one
        try:
            oauth.fetch_access_token(agreed["code"])
        except WeChatComponentOAuthException as error:
            assert error.errcode == 40163, error
        else:
            raise AssertionError("a code was used twice")

    def messages_of_the_account(self, component, receiver, one):
        crypto, seen = WeChatCrypto("platformtoken", AES_KEY, component.component_appid), []

        def reply(query, body):
            message = parse_message(crypto.decrypt_message(
                body, query["msg_signature"], query["timestamp"], query["nonce"]))
            seen.append(message)
            answer = TextReply(content="平台收到", message=message).render()
            return crypto.encrypt_message(answer, query["nonce"], query["timestamp"])

        receiver.reply = reply
        self.account.does(one, "write", {"content": "找平台"})
        assert receiver.paths[-1] == f"/{self.account.appid}/messages", receiver.paths
        assert (seen[-1].content, seen[-1].source) == ("找平台", one), seen
        assert "平台收到" in self.account.notices(one)[-1], self.account.notices(one)
