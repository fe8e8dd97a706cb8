"""Agents: their accounts, whom they talk with, and what was said."""

from io import BytesIO

from wechatpy import parse_message
from wechatpy.replies import TransferCustomerServiceReply

from stage import AES_KEY, PNG, TOKEN, Receiver, by_name, control, refused


class Agents:
    """Who answers people by hand."""

    def kf(self, name):
        return f"{name}@{self.account.wechat_id}"

    def agent_does(self, kf_account, act):
        return control("POST", f"{self.account.path}/agents/{kf_account}/{act}", {})

    @by_name
    def agents(self):
        service, one, two = self.client.customservice, self.kf("anna"), self.kf("bo")
        service.add_account(one, "小安", "secret")
        refused(65406, service.add_account, one, "小安", "secret")
        refused(65404, service.add_account, "anna@elsewhere", "小安", "secret")
        service.add_account(two, "小波", "secret")
        service.update_account(two, "阿波", "secret")
        refused(65401, service.update_account, self.kf("nobody"), "阿波", "secret")
        service.upload_headimg(one, ("a.png", BytesIO(PNG), "image/png"))
        listed = {agent["kf_account"]: agent for agent in service.get_accounts()}
        assert listed[two]["kf_nick"] == "阿波", listed
        assert listed[one]["kf_headimgurl"].startswith("http"), listed
        assert service.get_online_accounts() == []
        self.agent_does(one, "online")
        assert [agent["kf_account"] for agent in service.get_online_accounts()] == [one]
        service.delete_account(two)
        assert two not in [agent["kf_account"] for agent in service.get_accounts()]
        refused(65401, service.delete_account, two)

    @by_name
    def talks(self):
        service, agent, person = self.client.customservice, self.kf("chen"), self.account.people[4]
        begun = control("GET", "clock")["now"]
        service.add_account(agent, "小陈", "secret")
        refused(65415, service.create_session, person, agent)
        self.agent_does(agent, "online")
        service.create_session(person, agent, "老客户")
        assert service.get_session(person)["kf_account"] == agent
        assert [talk["openid"] for talk in service.get_session_list(agent)] == [person]
        self.account.does(person, "write", {"content": "在吗"})
        self.client.message.send_text(person, "在的", account=agent)
        refused(65401, self.client.message.send_text, person, "在的", account=self.kf("nobody"))
        service.close_session(person, agent, "再见")
        assert service.get_session(person)["kf_account"] == ""
        refused(65413, service.close_session, person, agent)
        said = service.get_records(begun, begun + 86_400)["recordlist"]
        mine = [(entry["opercode"], entry["text"]) for entry in said if entry["openid"] == person]
        assert (2003, "在吗") in mine and (2002, "在的") in mine, said

        # Handed over by the answer to a push, a person waits until an agent is named.
        receiver = Receiver()
        receiver.reply = lambda query, body: TransferCustomerServiceReply(
            message=parse_message(body)).render()
        control("PUT", f"{self.account.path}/callback",
                {"url": receiver.url, "token": TOKEN, "encoding_aes_key": AES_KEY, "mode": "plain"})
        self.account.does(person, "write", {"content": "找人"})
        receiver.reply = lambda query, body: "success"
        waiting = service.get_wait_case()
        assert [case["openid"] for case in waiting["waitcaselist"]] == [person], waiting
        service.create_session(person, agent)
        assert service.get_wait_case()["count"] == 0
        service.close_session(person, agent)
